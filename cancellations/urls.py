from django.urls import path, register_converter
from django.views.generic import RedirectView

from cancellations.views import (
    account,
    audit,
    cancellation,
    copies,
    downloads,
    drafting,
    exports,
    figures,
    history,
    history_export,
    history_story,
    lists,
    orders,
    people,
    set_password,
    shops,
    sudo,
    verbs,
    workers,
)


class RequestNumber:
    regex = r"CR[0-9]{8}-[0-9]{4,8}"
    to_python = to_url = staticmethod(str)


class Text:
    """Whatever is stored as an order number, line breaks and slashes included."""

    regex = r"[\s\S]+"
    to_python = to_url = staticmethod(str)


register_converter(RequestNumber, "request_number")
register_converter(Text, "text")

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="cancellation-list"), name="home"),
    path("requests/", lists.cancellation_list, name="cancellation-list"),
    path("requests/new/", drafting.cancellation_new, name="cancellation-new"),
    path("requests/new/template/", downloads.template, name="template"),
    path("requests/<request_number:number>/", cancellation.cancellation, name="cancellation"),
    path("requests/<request_number:number>/progress/", cancellation.progress, name="cancellation-progress"),
    path("requests/<request_number:number>/orders/<int:position>/", orders.order, name="order"),
    path("requests/<request_number:number>/drop/", verbs.drop, name="cancellation-drop"),
    path("requests/<request_number:number>/look-again/", verbs.look_again, name="cancellation-look-again"),
    path("requests/<request_number:number>/submit/", verbs.submit, name="cancellation-submit"),
    path("requests/<request_number:number>/withdraw/", verbs.withdraw, name="cancellation-withdraw"),
    path("requests/<request_number:number>/approve/", verbs.approve, name="cancellation-approve"),
    path("requests/<request_number:number>/reject/", verbs.reject, name="cancellation-reject"),
    path("requests/<request_number:number>/stop/", verbs.stop, name="cancellation-stop"),
    path("requests/<request_number:number>/resume/", verbs.resume, name="cancellation-resume"),
    path("requests/<request_number:number>/ask-again/", verbs.ask_again, name="cancellation-ask-again"),
    path("requests/<request_number:number>/by-hand/", verbs.by_hand, name="cancellation-by-hand"),
    path("requests/<request_number:number>/copy/", verbs.copy, name="cancellation-copy"),
    path("requests/<request_number:number>/calls/", history_story.calls, name="cancellation-calls"),
    path("history/", history.history, name="history"),
    path("history/export.csv", history_export.csv, name="history-csv"),
    path("history/export.xlsx", history_export.xlsx, name="history-xlsx"),
    path("history/exports/", exports.export_list, name="export-list"),
    path("history/exports/<int:pk>/orders.xlsx", exports.file, name="export-file"),
    path("history/exports/<int:pk>/delete/", exports.delete, name="export-delete"),
    path("history/filters/", history.save, name="history-filter-save"),
    path("history/filters/<int:pk>/delete/", history.delete, name="history-filter-delete"),
    path("history/orders/<int:shop>/<text:order_no>/", history_story.order_story, name="order-story"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password_change, name="password-change"),
    path("account/second-factor/", account.second_factor_set_up, name="second-factor-set-up"),
    path("account/second-factor/remove/", account.second_factor_remove, name="second-factor-remove"),
    path("account/recovery-codes/", account.recovery_codes_new, name="recovery-codes-new"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign-out-everywhere"),
    path("confirm/", sudo.confirm_password, name="confirm-password"),
    path("set-password/<uidb64>/<token>/", set_password.SetPassword.as_view(), name="set-password"),
    path("people/", people.person_list, name="person-list"),
    path("people/add/", people.person_add, name="person-add"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/", people.person_roles, name="person-roles"),
    path("people/<int:pk>/shops/", people.person_shops, name="person-shops"),
    path("people/<int:pk>/details/", people.person_details, name="person-details"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person-deactivate"),
    path("people/<int:pk>/reactivate/", people.person_reactivate, name="person-reactivate"),
    path("people/<int:pk>/sign-out/", people.person_sign_out, name="person-sign-out"),
    path("people/<int:pk>/factor/", people.person_factor, name="person-factor"),
    path("people/<int:pk>/link/", people.person_link, name="person-link"),
    path("history/audit/", audit.audit_page, name="audit"),
    path("history/audit/copies/", copies.copies_page, name="audit-copies"),
    path("figures/", figures.figures_page, name="figures"),
    path("workers/", workers.worker_list, name="worker-list"),
    path("shops/", shops.shop_list, name="shop-list"),
    path("shops/add/", shops.shop_add, name="shop-add"),
    path("shops/<int:pk>/", shops.shop_page, name="shop"),
    path("shops/<int:pk>/change/", shops.shop_change, name="shop-change"),
    path("shops/<int:pk>/members/", shops.shop_members, name="shop-members"),
    path("shops/<int:pk>/credential/", shops.shop_credential, name="shop-credential"),
    path("shops/<int:pk>/retire/", shops.shop_retire, name="shop-retire"),
    path("shops/<int:pk>/pause/", shops.shop_pause, name="shop-pause"),
    path("shops/<int:pk>/resume/", shops.shop_resume, name="shop-resume"),
    path("shops/<int:pk>/test/", shops.shop_test, name="shop-test"),
]
