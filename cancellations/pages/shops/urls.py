from django.urls import path

from cancellations.pages.shops import robots, views, webhooks

urlpatterns = [
    path("", views.shop_list, name="shop-list"),
    path("add/", views.shop_add, name="shop-add"),
    path("<int:pk>/", views.shop_page, name="shop"),
    path("<int:pk>/change/", views.shop_change, name="shop-change"),
    path("<int:pk>/members/", views.shop_members, name="shop-members"),
    path("<int:pk>/credential/", views.shop_credential, name="shop-credential"),
    path("<int:pk>/retire/", views.shop_retire, name="shop-retire"),
    path("<int:pk>/pause/", views.shop_pause, name="shop-pause"),
    path("<int:pk>/resume/", views.shop_resume, name="shop-resume"),
    path("<int:pk>/test/", views.shop_test, name="shop-test"),
    path("<int:pk>/robots/add/", robots.add, name="robot-add"),
    path("robots/<int:pk>/", robots.page, name="robot"),
    path("robots/<int:pk>/change/", robots.change, name="robot-change"),
    path("robots/<int:pk>/switch/", robots.switch, name="robot-switch"),
    path("robots/<int:pk>/remove/", robots.remove, name="robot-remove"),
    path("robots/<int:pk>/test/", robots.test, name="robot-test"),
    path("<int:pk>/webhooks/add/", webhooks.add, name="webhook-add"),
    path("webhooks/<int:pk>/", webhooks.page, name="webhook"),
    path("webhooks/<int:pk>/change/", webhooks.change, name="webhook-change"),
    path("webhooks/<int:pk>/switch/", webhooks.switch, name="webhook-switch"),
    path("webhooks/<int:pk>/rotate/", webhooks.rotate, name="webhook-rotate"),
    path("webhooks/<int:pk>/remove/", webhooks.remove, name="webhook-remove"),
    path("webhooks/<int:pk>/test/", webhooks.test, name="webhook-test"),
    path("webhooks/messages/<int:pk>/again/", webhooks.send_again, name="webhook-again"),
]
