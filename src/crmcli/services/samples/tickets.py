"""How the tickets of the sample workspace go: asked, answered, resolved, now and then taken up again."""

from collections.abc import Sequence

from crmcli.services import comments
from crmcli.services.samples.cast import Question
from crmcli.services.samples.diary import Diary


def plan_tickets(diary: Diary, people: Sequence[tuple[int, int]], questions: Sequence[Question]) -> None:
    """Plan what comes of each question; ``people`` are contacts with their organizations."""
    for number, question in enumerate(questions):
        _plan(diary, question, *people[(number * 3) % len(people)])


def _plan(diary: Diary, question: Question, contact: int, company: int) -> None:
    writer, days = diary.writer, question.days
    values = {"subject": question.subject, "description": question.text, "priority": question.priority,
              "channel": question.channel, "contact": contact, "organization": company, "assignee": writer.me,
              "category": question.topic}  # fmt: skip
    made: list[int] = []
    diary.on(days, lambda: made.append(writer.create("ticket", values).id))
    if question.answer is not None:
        answer = question.answer
        diary.on(days - 1, lambda: comments.add_answer(writer, made[0], answer))
        diary.on(days - 2, lambda: comments.add_customer_reply(writer, made[0], "Thank you."))
    if question.end is not None:
        resolved = {"status": "resolved", "resolution_code": question.end}
        diary.on(days - 3, lambda: writer.update("ticket", made[0], resolved))
        if question.is_reopened:
            diary.on(days - 5, lambda: writer.update("ticket", made[0], {"status": "open"}))
            diary.on(days - 8, lambda: writer.update("ticket", made[0], resolved))
        diary.on(days - 9, lambda: writer.update("ticket", made[0], {"csat_score": question.score}))
        diary.on(days - 10, lambda: writer.update("ticket", made[0], {"status": "closed"}))
