"""Cases that several people work on: a colleague's conversation, and people who come and go."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.chaos.account import fetch
from tests.chaos.clients import Unanswered
from tests.chaos.ledger import Case, Ledger
from tests.chaos.office import Office

if TYPE_CHECKING:
    from tests.chaos.lawyers import Lawyer

ADDED, REMOVED = "projeto.adicionar-pessoa", "projeto.remover-pessoa"


async def ask_in_case(lawyer: Lawyer) -> None:
    """She herself, or whoever works on one of them, in the conversation that its owner has begun."""
    case = lawyer.chance.choice(lawyer.ledger.cases)
    inside = [number for number in (case.owner, *sorted(case.people)) if case.has(number)]
    asker = lawyer if lawyer.number in inside else lawyer.load.lawyers[lawyer.chance.choice(inside)]
    changes, asked = case.changes, asker.question(case.number)
    await asker.ask_in(case.conversation, asked, lambda: case.changes == changes and case.has(asker.number))
    if asked.reply:
        case.replies.append(asked.reply)


async def change_people(lawyer: Lawyer) -> None:
    """Who answers for one shuts somebody out, or lets her in; at once she sees nothing, or everything."""
    case = lawyer.chance.choice(lawyer.ledger.cases)
    if case.is_changing:
        return
    case.is_changing, case.changes = True, case.changes + 1
    owner, person = lawyer.load.lawyers[case.owner], lawyer.chance.choice(sorted(case.people))
    try:
        if person in case.inside | case.unsure:
            await shut_out(owner, case, person)
        else:
            await let_in(owner, case, person)
    finally:
        case.is_changing = False


async def shut_out(owner: Lawyer, case: Case, person: int) -> None:
    member, was_unsure = owner.load.lawyers[person], person in case.unsure
    case.unsure.add(person)
    answer = await owner.post(f"/projetos/{case.id}/participantes/{case.people[person]['id']}/remover/", {})
    if answer.status != 303 and not (was_unsure and answer.status == 404):  # 404: she is not in it
        owner.ledger.wrong(f"person {person} was not shut out of {case.number}: {answer.status}")
        return
    case.unsure.discard(person)
    case.inside.discard(person)
    member.may_see.discard(case.number)
    owner.ledger.count("shut out")
    await look_in_vain(member, case)


async def look_in_vain(member: Lawyer, case: Case) -> None:
    """From the moment in which its owner was told that she is out."""
    paths = [f"/conversas/{case.conversation}/", f"/projetos/{case.id}/"]
    paths += [f"/mensagens/{reply}/stream/" for reply in case.replies[-1:]]
    for path in paths:
        answer = await member.patiently("GET", path)
        if answer.status != 404:
            member.ledger.wrong(f"person {member.number}, who is out of {case.number}, got {answer.status} at {path}")
    asked = member.question(case.number)  # in no ledger: it must not be there in the end
    form = {"content": asked.content, "submission_key": asked.key}
    answer = await member.patiently("POST", f"/conversas/{case.conversation}/mensagens/", data=form)
    if answer.status != 404:
        member.ledger.wrong(f"person {member.number}, who is out of {case.number}, asked there: {answer.status}")


async def let_in(owner: Lawyer, case: Case, person: int) -> None:
    member = owner.load.lawyers[person]
    case.unsure.add(person)
    member.may_see.add(case.number)
    form = {"email": case.people[person]["email"], "role": "editor"}
    answer = await owner.post(f"/projetos/{case.id}/participantes/", form)
    if answer.status != 303:
        owner.ledger.wrong(f"person {person} was not let into {case.number}: {answer.status}")
        return
    case.unsure.discard(person)
    case.inside.add(person)
    owner.ledger.count("let in")
    try:
        answer = await member.patiently("GET", f"/conversas/{case.conversation}/")
    except Unanswered:
        return
    if answer.status != 200:
        owner.ledger.wrong(f"person {person}, who is in {case.number}, got {answer.status} there")


# The account ---------------------------------------------------------------------------------------


def check_cases(office: Office, ledger: Ledger, cookies: list[str]) -> Iterator[str]:
    """Who is in, by the table, by the audit rows and by what she gets; all people of a case were in at first."""
    query = "SELECT project_id::text || ' ' || user_id AS pair FROM project_members"
    members = {row["pair"] for row in office.rows(query)}
    told = Counter(
        (f"{row['entity_id']} {row['person']}", row["action"])
        for row in office.rows(
            "SELECT entity_id, new_value ->> 'person' AS person, action FROM audit_log WHERE action = ANY(%s)",
            [ADDED, REMOVED],
        )
    )
    for case in ledger.cases:
        for person, known in case.people.items():
            pair = f"{case.id} {known['id']}"
            is_in = pair in members
            if person not in case.unsure and is_in != (person in case.inside):
                yield f"person {person} is {'in' if is_in else 'out of'} {case.number}, against what was said"
            if told[pair, ADDED] - told[pair, REMOVED] != is_in:
                yield f"person {person} of {case.number}: let in {told[pair, ADDED]}, shut out {told[pair, REMOVED]} times"
            for web in range(len(office.webs)):
                status, _ = fetch(office, f"/conversas/{case.conversation}/", cookies[person], web)
                if status != (200 if is_in else 404):
                    yield f"person {person} of {case.number}, who is {'in' if is_in else 'out'}, gets {status}"
