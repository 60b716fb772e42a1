from django.urls import path, register_converter
from django.views.generic import RedirectView

from cancellations.views import account, cancellation, downloads, drafting, lists, orders, shops, sudo, verbs, workers


class RequestNumber:
    regex = r"CR[0-9]{8}-[0-9]{4,8}"
    to_python = to_url = staticmethod(str)


register_converter(RequestNumber, "request_number")

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
    path("account/", account.account, name="account"),
    path("account/password/", account.password_change, name="password-change"),
    path("account/second-factor/", account.second_factor_set_up, name="second-factor-set-up"),
    path("account/second-factor/remove/", account.second_factor_remove, name="second-factor-remove"),
    path("account/recovery-codes/", account.recovery_codes_new, name="recovery-codes-new"),
    path("account/sign-out-everywhere/", account.sign_out_everywhere, name="sign-out-everywhere"),
    path("confirm/", sudo.confirm_password, name="confirm-password"),
    path("workers/", workers.worker_list, name="worker-list"),
    path("shops/", shops.shop_list, name="shop-list"),
    path("shops/add/", shops.shop_add, name="shop-add"),
    path("shops/<int:pk>/pause/", shops.shop_pause, name="shop-pause"),
    path("shops/<int:pk>/resume/", shops.shop_resume, name="shop-resume"),
    path("shops/<int:pk>/test/", shops.shop_test, name="shop-test"),
]
