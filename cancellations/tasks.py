"""The entry points that the background engine calls; nothing else here or elsewhere knows the engine."""

from django_tasks import task

from cancellations.sending import slices


@task()
def run_account(credential_id):
    slices.run_account(credential_id, wake=wake)


def wake(credential_id):
    """Enqueues a slice of work of an account, in the caller's transaction."""
    run_account.enqueue(credential_id)


def wake_shop(shop):
    for credential_id in shop.credentials.filter(is_active=True).values_list("pk", flat=True):
        wake(credential_id)
