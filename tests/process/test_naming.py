"""What others call a request."""

from play import BOB, FORM, Play, form, notify, process_of

from mailbot.process.definition import Field, FieldType
from mailbot.process.naming import other_names
from mailbot.process.request import Request


def field(name, **keys):
    return Field(name=name, label=name.capitalize(), type=FieldType.TEXT, **keys)


def test_without_such_a_field_nobody_calls_it_anything():
    play = Play(form(), given=FORM)
    assert other_names(play.process, play.request) == frozenset()


def test_fields_of_reference_count_and_others_do_not():
    fields = (field("contract", reference=True), field("customer"))
    play = Play(notify(), fields=fields, given={"contract": "C-7", "customer": "Acme"})
    assert other_names(play.process, play.request) == {"C-7"}


def test_a_field_that_takes_several_gives_several():
    play = Play(notify(), fields=(field("orders", reference=True, many=True),), given={"orders": "SO-1, SO-2"})
    assert other_names(play.process, play.request) == {"SO-1", "SO-2"}


def test_what_is_not_filled_in_yet_is_no_name():
    play = Play(form(fields=(field("number", reference=True),)), given=FORM)
    assert isinstance(play.request, Request)
    assert play.request.requester == BOB
    assert other_names(process_of(*play.process.steps), play.request) == frozenset()
