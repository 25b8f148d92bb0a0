"""The push, stepped by hand: every effect in its order, every way an answer can be missing."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from billing.money import Money
from integrations.documents import InvoiceDocument, Kind, LineDocument, MailDocument, Operation
from integrations.errors import (
    AlreadyThere,
    NeedsConsent,
    OutcomeUnknown,
    Refused,
    Stale,
    SyncError,
    Temporary,
    Vanished,
)
from integrations.outbound import keys
from integrations.outbound.effects import (
    Agreed,
    CommitAnswer,
    CommitIntent,
    CommitRebase,
    CommitRefusal,
    CommitResend,
    Doubt,
    HoldsOther,
    Linked,
    LookAgain,
    LookUp,
    OpenIntent,
    ReadTarget,
    Send,
    Work,
)
from integrations.outbound.push import (
    IN_FLIGHT_WINDOW,
    AnswerOfAnother,
    ChangedOverThere,
    MailUncertain,
    NeverArrives,
    PaidOverThere,
    push,
)
from tests.integrations.outbound.samples import (
    INVOICE,
    LOCAL,
    NOW,
    ORGANIZATION,
    PlainBodies,
    committed,
    held,
    linked,
    work,
)


def play(what: Work, *answers: Any) -> tuple[list[Any], Any]:
    """Runs a push, giving these answers to its calls; commits answer by themselves. Returns effects and end."""
    steps = push(what, PlainBodies())
    script = iter(answers)
    effects: list[Any] = []
    advance: Callable[[], Any] = lambda: next(steps)  # noqa: E731
    while True:
        try:
            effect = advance()
        except StopIteration as end:
            return effects, end.value
        except SyncError as error:
            return effects, error
        effects.append(effect)
        advance = _answering(steps, effect, script)


def _answering(steps: Any, effect: Any, script: Any) -> Callable[[], Any]:
    if isinstance(effect, CommitIntent):
        return lambda: steps.send(committed(effect.draft))
    if isinstance(effect, CommitResend):
        return lambda: steps.send(effect.intent)
    if isinstance(effect, CommitAnswer | CommitRefusal | CommitRebase):
        return lambda: steps.send(None)
    answer = next(script)
    if isinstance(answer, Exception):
        return lambda: steps.throw(answer)
    return lambda: steps.send(answer)


def kinds(effects: list[Any]) -> list[type]:
    return [type(effect) for effect in effects]


def test_intent_is_committed_before_the_call_and_the_answer_after() -> None:
    effects, end = play(work(), held())
    assert kinds(effects) == [CommitIntent, Send, CommitAnswer]
    assert end == Agreed(1)
    assert effects[2].as_sent
    assert not effects[2].adopted


def test_nothing_is_sent_when_both_sides_hold_the_same() -> None:
    assert play(work(linked=linked())) == ([], Agreed(1))


def test_lost_answer_is_looked_for_at_once_and_adopted() -> None:
    effects, end = play(work(), OutcomeUnknown(), [held()])
    assert kinds(effects) == [CommitIntent, Send, LookUp, CommitAnswer]
    assert effects[3].adopted
    assert end == Agreed(1)


def test_lost_answer_without_a_trace_waits_out_the_window() -> None:
    effects, end = play(work(), OutcomeUnknown(), [])
    assert kinds(effects) == [CommitIntent, Send, LookUp]
    assert end == LookAgain(committed().send_deadline + IN_FLIGHT_WINDOW)


def test_open_intent_is_never_sent_again_inside_the_window() -> None:
    effects, end = play(work(open_intent=committed()), [])
    assert kinds(effects) == [LookUp]
    assert isinstance(end, LookAgain)


def test_nothing_is_sent_again_while_the_last_copy_may_still_be_carried_out() -> None:
    """QuickBooks cuts a request off after 120 s (reference quickbooks 2.1), counted from when it may have left."""
    intent = committed()
    late = intent.send_deadline + timedelta(seconds=120)
    effects, end = play(work(open_intent=intent, now=late), [])
    assert kinds(effects) == [LookUp]
    assert isinstance(end, LookAgain)


def test_open_intent_is_sent_again_unchanged_after_the_window() -> None:
    late = NOW + timedelta(seconds=15) + IN_FLIGHT_WINDOW
    edited = replace(INVOICE, memo="edited meanwhile")
    intent = committed(body="frozen")
    effects, end = play(work(open_intent=intent, now=late, document=edited, version=2), [], held())
    assert kinds(effects) == [LookUp, CommitResend, Send, CommitAnswer]
    assert (effects[2].intent.body, effects[2].intent.op_key) == ("frozen", intent.op_key)
    assert end == Agreed(1), "the edit is still owed"


def test_somebody_elses_document_is_not_adopted() -> None:
    foreign = held(marker="000000000000")
    effects, end = play(work(), OutcomeUnknown(), [foreign])
    assert kinds(effects) == [CommitIntent, Send, LookUp]
    assert isinstance(end, LookAgain)


def test_oldest_of_several_copies_is_adopted() -> None:
    effects, _ = play(work(), OutcomeUnknown(), [held(id="1000"), held(id="131"), held(id="999")])
    assert effects[3].held.id == "131"


def test_answer_with_other_content_is_marked_so_that_the_difference_goes_out() -> None:
    effects, end = play(work(), held(replace(INVOICE, memo="what was sent the first time")))
    assert not effects[2].as_sent
    assert end == HoldsOther(frozenset({"memo"}))


@pytest.mark.parametrize("error", [Temporary(), NeedsConsent()])
def test_definite_failure_closes_the_intent_without_a_new_key(error: SyncError) -> None:
    effects, end = play(work(), error)
    assert kinds(effects) == [CommitIntent, Send, CommitRefusal]
    assert not effects[2].counted
    assert end is error


@pytest.mark.parametrize("error", [Refused(code="6000"), Vanished()])
def test_refusal_is_counted_so_that_the_next_try_has_a_new_key(error: SyncError) -> None:
    effects, end = play(work(), error)
    assert effects[2].counted
    assert end is error


def test_taken_number_of_our_own_lost_document_is_adopted() -> None:
    effects, end = play(work(), AlreadyThere(code="6140"), [held()])
    assert kinds(effects) == [CommitIntent, Send, LookUp, CommitAnswer]
    assert end == Agreed(1)


def test_taken_number_of_somebody_else_is_refused() -> None:
    refusal = AlreadyThere(code="6140")
    effects, end = play(work(), refusal, [held(marker="")])
    assert kinds(effects) == [CommitIntent, Send, LookUp, CommitRefusal]
    assert end is refusal


def test_answer_about_another_document_is_not_believed_and_the_next_try_has_a_new_key() -> None:
    edited = replace(INVOICE, memo="new")
    what = work(document=edited, linked=linked())
    effects, end = play(what, held(edited, id="7", version="1"))
    assert kinds(effects) == [CommitIntent, Send, CommitRefusal]
    assert effects[2].counted
    assert isinstance(end, AnswerOfAnother)


def test_edit_sends_only_what_changed() -> None:
    edited = replace(INVOICE, customer_memo="Thank you", memo="call first")
    effects, _ = play(work(document=edited, linked=linked(), version=2), held(edited, version="1"))
    assert effects[0].draft.operation is Operation.UPDATE
    assert "['customer_memo', 'memo']" in effects[0].draft.body


def test_void_voids_the_linked_document() -> None:
    void = replace(INVOICE, voided=True)
    gone = replace(INVOICE, voided=True, lines=())
    effects, end = play(work(document=void, linked=linked(), version=3), held(gone, version="1"))
    assert effects[0].draft.operation is Operation.VOID
    assert effects[2].as_sent
    assert end == Agreed(3)


def test_void_of_what_never_went_out_sends_nothing() -> None:
    assert play(work(document=replace(INVOICE, voided=True))) == ([], Agreed(1))


def test_void_does_not_go_over_a_payment_that_is_read() -> None:
    what = work(document=replace(INVOICE, voided=True), linked=linked())
    paid = held(version="4", settled_by=("9",))
    effects, end = play(what, Stale(), paid, paid)
    assert kinds(effects) == [CommitIntent, Send, ReadTarget, CommitRefusal, ReadTarget]
    assert isinstance(end, PaidOverThere)
    assert end.payments == ("9",)


def test_voided_twice_is_sent_once() -> None:
    void = replace(INVOICE, voided=True)
    assert play(work(document=void, linked=linked(void)))[0] == []


def test_change_of_what_was_not_met_yet_is_composed_against_what_it_holds() -> None:
    edited = replace(INVOICE, memo="new")
    what = work(document=edited, linked=linked(version=""))
    effects, end = play(what, held(version="4"), held(edited, version="5"))
    assert kinds(effects) == [ReadTarget, CommitRebase, CommitIntent, Send, CommitAnswer]
    assert effects[2].draft.target_version == "4"
    assert end == Agreed(1)
    effects, end = play(what, held(replace(INVOICE, memo="theirs"), version="4"))
    assert kinds(effects) == [ReadTarget]
    assert isinstance(end, ChangedOverThere)
    assert play(work(linked=linked(version=""))) == ([], Agreed(1))


def test_stale_version_of_the_same_content_is_sent_again_once() -> None:
    edited = replace(INVOICE, memo="new")
    what = work(document=edited, linked=linked())
    effects, end = play(what, Stale(), held(version="4"), held(edited, version="5"))
    expected = [CommitIntent, Send, CommitRefusal, ReadTarget, CommitRebase, CommitIntent, Send]
    assert kinds(effects) == [*expected, CommitAnswer]
    assert effects[5].draft.target_version == "4"
    assert effects[5].draft.op_key != effects[0].draft.op_key
    assert end == Agreed(1)


def test_change_of_theirs_is_not_overwritten() -> None:
    edited = replace(INVOICE, memo="new")
    theirs = replace(INVOICE, due_on=INVOICE.due_on + timedelta(days=7))
    effects, end = play(work(document=edited, linked=linked()), Stale(), held(theirs, version="4"))
    assert kinds(effects) == [CommitIntent, Send, CommitRefusal, ReadTarget]
    assert isinstance(end, ChangedOverThere)


def test_lost_answer_of_an_edit_is_found_in_the_document_itself() -> None:
    edited = replace(INVOICE, memo="new")
    what = work(document=edited, linked=linked())
    effects, end = play(what, OutcomeUnknown(), held(edited, version="1"))
    assert kinds(effects) == [CommitIntent, Send, ReadTarget, CommitAnswer]
    assert end == Agreed(1)


def test_lost_edit_of_a_deleted_document_ends() -> None:
    edited = replace(INVOICE, memo="new")
    effects, end = play(work(document=edited, linked=linked()), OutcomeUnknown(), Vanished())
    assert kinds(effects) == [CommitIntent, Send, ReadTarget, CommitRefusal]
    assert isinstance(end, Vanished)


def test_open_intent_is_settled_even_while_the_document_cannot_be_composed() -> None:
    effects, end = play(work(document=None, open_intent=committed()), [held()])
    assert kinds(effects) == [LookUp, CommitAnswer]
    assert end == Agreed(1)


class TestKeys:
    """What a write is called never depends on when, by whom or how often it is tried."""

    def key(self, **changes: Any) -> str:
        what = {
            "organization": ORGANIZATION,
            "account": "company",
            "kind": Kind.INVOICE,
            "local_id": LOCAL,
            "incarnation": 1,
            "refusals": 0,
        }
        return keys.create_key(**{**what, **changes})

    def test_create_is_the_same_for_every_version_and_attempt(self) -> None:
        first, _ = play(work(version=1), held())
        later, _ = play(work(version=7, now=NOW + timedelta(days=3)), held())
        assert first[0].draft.op_key == later[0].draft.op_key == self.key()

    @pytest.mark.parametrize(
        "change",
        [{"account": "other"}, {"incarnation": 2}, {"refusals": 1}, {"kind": Kind.PAYMENT}],
    )
    def test_anything_that_makes_it_another_write_changes_it(self, change: dict[str, Any]) -> None:
        assert self.key(**change) != self.key()

    def test_request_id_fits_what_a_batch_allows(self) -> None:
        assert len(keys.request_id(self.key())) == 36

    def test_update_is_named_by_whose_version_and_the_content_it_was_composed_against(self) -> None:
        edited = replace(INVOICE, memo="a")
        other = replace(INVOICE, memo="b")
        names = {
            play(
                work(document=document, linked=replace(linked(version=version), remote_id=theirs)),
                held(document, id=theirs),
            )[0][0].draft.op_key
            for document in (edited, other)
            for version in ("0", "1")
            for theirs in ("130", "131")
        }
        assert len(names) == 8


def test_line_change_goes_out_as_a_whole() -> None:
    line = LineDocument(item="3", description="More", amount=Money(20000, "USD"))
    edited = replace(INVOICE, lines=(*INVOICE.lines, line))
    effects, _ = play(work(document=edited, linked=linked()), held(edited))
    assert "'changed': ['lines']" in effects[0].draft.body


# --- what the other side fails on whenever it is sent ---


def resent(times: int, **changes: Any) -> Work:
    """Long after a write that went out again so often was sent last."""
    late = NOW + timedelta(hours=2)
    return work(open_intent=replace(committed(), sends=times), now=late, **changes)


@pytest.mark.parametrize(("times", "minutes"), [(2, 4), (5, 32), (7, 60)])
def test_each_look_for_it_is_later_than_the_one_before(times: int, minutes: int) -> None:
    open_one = replace(committed(), sends=times)
    _, end = play(work(open_intent=open_one), [])
    assert end == LookAgain(open_one.send_deadline + timedelta(minutes=minutes))


def test_it_is_sent_again_under_its_key_while_nobody_changed_it() -> None:
    effects, _ = play(resent(7), [], held())
    assert kinds(effects) == [LookUp, CommitResend, Send, CommitAnswer]


def test_it_is_given_up_at_last() -> None:
    effects, end = play(resent(8), [])
    assert kinds(effects) == [LookUp, CommitRefusal]
    assert effects[1].counted
    assert isinstance(end, NeverArrives)


@pytest.mark.parametrize("document", [INVOICE, None], ids=["complete", "lacks something"])
def test_it_gives_way_to_a_newer_version_which_the_next_turn_puts_together(
    document: InvoiceDocument | None,
) -> None:
    newer = resent(2, version=2, document=document)
    effects, end = play(newer, [])
    assert kinds(effects) == [LookUp, CommitRefusal]
    assert effects[1].counted
    assert end == LookAgain(newer.now)


def test_a_newer_version_waits_while_only_an_answer_was_lost() -> None:
    effects, _ = play(resent(1, version=2), [], held())
    assert kinds(effects)[:2] == [LookUp, CommitResend]


# --- e-mails: an effect that cannot be taken back ---

MAIL = MailDocument("130", NOW - timedelta(seconds=5), "ap@adatum.example")
MAILED = held(emailed_at=NOW + timedelta(seconds=1))


def mail_work(**changes: Any) -> Work:
    return work(**{"kind": Kind.MAIL, "document": MAIL, **changes})


def open_mail(**changes: Any) -> OpenIntent:
    about = {"kind": Kind.MAIL, "operation": Operation.SEND, "document": MAIL, "target_id": "130"}
    return committed(**{**about, **changes})


def test_email_is_committed_before_it_is_sent_and_reads_nothing() -> None:
    effects, end = play(mail_work(), MAILED)
    assert kinds(effects) == [CommitIntent, Send, CommitAnswer]
    assert effects[0].draft.operation is Operation.SEND
    assert end == Agreed(1)


@pytest.mark.parametrize("later_by", [0, -60])
def test_email_that_went_out_for_this_wish_does_not_go_again(later_by: int) -> None:
    agreed = replace(MAIL, asked_at=MAIL.asked_at - timedelta(seconds=later_by), sent_at=NOW)
    assert play(mail_work(linked=Linked("130", "1", agreed, agreed))) == ([], Agreed(1))


def test_email_that_is_asked_for_again_goes_under_another_key() -> None:
    agreed = replace(MAIL, asked_at=MAIL.asked_at - timedelta(hours=1), sent_at=NOW)
    again, _ = play(mail_work(linked=Linked("130", "1", agreed, agreed)), MAILED)
    first, _ = play(mail_work(document=agreed), MAILED)
    assert kinds(again) == [CommitIntent, Send, CommitAnswer]
    assert again[0].draft.op_key != first[0].draft.op_key


def test_email_without_an_answer_is_read_from_its_invoice() -> None:
    effects, end = play(mail_work(), OutcomeUnknown(), MAILED)
    assert kinds(effects) == [CommitIntent, Send, ReadTarget, CommitAnswer]
    assert (effects[2].kind, effects[2].remote_id) == (Kind.INVOICE, "130")
    assert effects[3].adopted
    assert end == Agreed(1)


def test_email_is_never_sent_again_inside_the_window() -> None:
    effects, end = play(mail_work(open_intent=open_mail()), held())
    assert kinds(effects) == [ReadTarget]
    assert isinstance(end, LookAgain)


def test_email_without_a_trace_after_the_window_is_a_question_and_not_a_second_mail() -> None:
    late = NOW + timedelta(seconds=15) + IN_FLIGHT_WINDOW
    effects, end = play(mail_work(open_intent=open_mail(), now=late), held())
    assert kinds(effects) == [ReadTarget, CommitRefusal]
    assert effects[1].counted
    assert isinstance(end, MailUncertain)


def test_earlier_email_is_not_taken_for_the_one_without_an_answer() -> None:
    former = replace(MAIL, asked_at=NOW - timedelta(hours=1), sent_at=MAILED.emailed_at)
    effects, end = play(mail_work(open_intent=open_mail(before=former)), MAILED)
    assert kinds(effects) == [ReadTarget]
    assert isinstance(end, LookAgain)


def test_email_of_an_invoice_that_is_gone_is_an_error() -> None:
    effects, end = play(mail_work(open_intent=open_mail()), Vanished())
    assert kinds(effects) == [ReadTarget, CommitRefusal]
    assert isinstance(end, Vanished)


def test_email_in_safe_mode_waits_and_is_then_looked_for_before_it_is_sent() -> None:
    doubt = Doubt(born_at=MAIL.asked_at, until=NOW + timedelta(seconds=60))
    assert play(mail_work(doubt=doubt)) == ([], LookAgain(doubt.until))
    late = NOW + timedelta(seconds=61)
    effects, end = play(mail_work(doubt=doubt, now=late), held(emailed_at=MAIL.asked_at))
    assert kinds(effects) == [CommitIntent, ReadTarget, CommitAnswer]
    assert end == Agreed(1)
    effects, end = play(mail_work(doubt=doubt, now=late), held(), MAILED)
    assert kinds(effects) == [CommitIntent, ReadTarget, Send, CommitAnswer]
    assert end == Agreed(1)
