"""What of Django we lean on without its promise. A new Django that changes it fails here, by name."""

import inspect

import pytest
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.core.signals import request_finished
from django.http import HttpResponse
from django.utils.log import log_response

pytestmark = pytest.mark.once


def parameters(function) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_a_request_is_made_from_a_scope_and_a_file_with_the_body():
    assert parameters(ASGIHandler.create_request) == ["self", "scope", "body_file"]
    assert parameters(get_script_prefix) == ["scope"]


def test_the_middleware_can_be_loaded_without_the_event_loop():
    assert inspect.signature(BaseHandler.load_middleware).parameters["is_async"].default is False
    assert "self.load_middleware(is_async=True)" in inspect.getsource(ASGIHandler.__init__)


def test_the_innermost_of_the_middleware_is_get_response_of_the_handler():
    assert parameters(BaseHandler._get_response) == ["self", "request"]
    assert "self._get_response" in inspect.getsource(BaseHandler.load_middleware)


def test_a_response_can_say_that_it_has_been_logged():
    assert 'getattr(response, "_has_been_logged", False)' in inspect.getsource(log_response)


@pytest.mark.django_db
def test_a_response_that_is_closed_ends_the_request_of_its_handler():
    ended = []
    response = HttpResponse()
    response._handler_class = ASGIHandler

    def end(sender, **kwargs):
        ended.append(sender)

    request_finished.connect(end)
    response.close()
    request_finished.disconnect(end)
    assert ended == [ASGIHandler]
