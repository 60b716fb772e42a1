from django.urls import path

from cancellations.pages import downloads
from cancellations.pages.requests import by_hand, calls, lists, new, orders, page, queue, verbs

urlpatterns = [
    path("", lists.cancellation_list, name="cancellation-list"),
    path("approve/", queue.approve_several, name="approve-several"),
    path("stop/", lists.stop_several, name="stop-several"),
    path("filters/", lists.save_filter, name="request-filter-save"),
    path("new/", new.cancellation_new, name="cancellation-new"),
    path("new/template/", downloads.template, name="template"),
    path("<request_number:number>/", page.cancellation, name="cancellation"),
    path("<request_number:number>/progress/", page.progress, name="cancellation-progress"),
    path("<request_number:number>/numbers/", orders.numbers, name="cancellation-numbers"),
    path("<request_number:number>/orders/<int:position>/", orders.order, name="order"),
    path("<request_number:number>/drop/", verbs.drop, name="cancellation-drop"),
    path("<request_number:number>/put-back/", verbs.put_back, name="cancellation-put-back"),
    path("<request_number:number>/edit/", verbs.edit, name="cancellation-edit"),
    path("<request_number:number>/add/", new.add_orders, name="cancellation-add"),
    path("<request_number:number>/restore/", verbs.restore, name="cancellation-restore"),
    path("<request_number:number>/look-again/", verbs.look_again, name="cancellation-look-again"),
    path("<request_number:number>/submit/", verbs.submit, name="cancellation-submit"),
    path("<request_number:number>/withdraw/", verbs.withdraw, name="cancellation-withdraw"),
    path("<request_number:number>/remind/", verbs.remind, name="cancellation-remind"),
    path("<request_number:number>/approve/", verbs.approve, name="cancellation-approve"),
    path("<request_number:number>/reject/", verbs.reject, name="cancellation-reject"),
    path("<request_number:number>/extend/", verbs.extend, name="cancellation-extend"),
    path("<request_number:number>/stop/", verbs.stop, name="cancellation-stop"),
    path("<request_number:number>/resume/", verbs.resume, name="cancellation-resume"),
    path("<request_number:number>/pause-account/", verbs.pause_account, name="cancellation-pause-account"),
    path("<request_number:number>/resume-account/", verbs.resume_account, name="cancellation-resume-account"),
    path("<request_number:number>/ask-again/", verbs.ask_again, name="cancellation-ask-again"),
    path("<request_number:number>/by-hand/", by_hand.by_hand, name="cancellation-by-hand"),
    path("<request_number:number>/copy/", verbs.copy, name="cancellation-copy"),
    path("<request_number:number>/calls/", calls.calls, name="cancellation-calls"),
]
