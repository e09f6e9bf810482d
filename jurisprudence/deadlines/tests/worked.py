"""Deadlines worked by hand. Each says the days that count, written down from a wall calendar, by month.

`days` is the computation itself: "2026-08: 5-7 10-14 17-21 24-25" are 3 + 5 + 5 + 2 = 15 days; the first is the start, the
last the end. The test compares it day by day with what was counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Worked:
    """One example: what is asked, and the days that were counted by hand."""

    name: str
    event: str
    date: str
    amount: int
    days: str
    publication: str | None = None
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def asked(self) -> dict[str, Any]:
        return {"event": self.event, "date": self.date, "amount": self.amount, "unit": "uteis"} | self.more

    @property
    def counted(self) -> list[date]:
        return days_of(self.days)


def days_of(text: str) -> list[date]:
    """ "2025-12: 17-19; 2026-01: 21-23 26" as dates."""
    found = []
    for part in text.split(";"):
        month, numbers = part.strip().split(": ")
        for run in numbers.split():
            first, _, last = run.partition("-")
            found += [date.fromisoformat(f"{month}-{day:02}") for day in range(int(first), int(last or first) + 1)]
    return found


def closed(*days: str, **more: Any) -> dict[str, Any]:
    return {"closed": list(days)} | more


FED = {"calendar": "federal"}
RUN = {"unit": "corridos"}
CARNIVAL_2026 = ("2026-02-16", "2026-02-17")
CARNIVAL_2027 = ("2027-02-08", "2027-02-09")
CORPUS_2026 = ("2026-06-04",)
E, P, N, J = "disponibilizacao", "publicacao", "intimacao", "juntada"

# fmt: off
GAZETTE = [
    # August 2026 begins on a Saturday: Mondays 3 10 17 24 31. No national holiday in it; 11 Aug is federal only.
    Worked("15 days in August, state", E, "2026-08-03", 15, "2026-08: 5-7 10-14 17-21 24-25", "2026-08-04"),
    Worked("15 days in August, federal: 11 Aug", E, "2026-08-03", 15, "2026-08: 5-7 10 12-14 17-21 24-26", "2026-08-04", FED),
    # 30 days: Aug 5-31 are 3+5+5+5+1 = 19, Sep 1-4 23, (7 Sep) 8-11 27, 14-16 30.
    Worked("30 days over 7 September, state", E, "2026-08-03", 30, "2026-08: 5-7 10-14 17-21 24-28 31; 2026-09: 1-4 8-11 14-16", "2026-08-04"),
    Worked("30 days over 7 September, federal", E, "2026-08-03", 30, "2026-08: 5-7 10 12-14 17-21 24-28 31; 2026-09: 1-4 8-11 14-17", "2026-08-04", FED),
    Worked("8 days, labour appeal, state calendar", E, "2026-08-03", 8, "2026-08: 5-7 10-14", "2026-08-04"),
    Worked("8 days, labour appeal, Lei 5.010", E, "2026-08-03", 8, "2026-08: 5-7 10 12-14 17", "2026-08-04", FED),
    Worked("5 days: embargos", E, "2026-08-03", 5, "2026-08: 5-7 10-11", "2026-08-04"),
    Worked("1 day", E, "2026-08-03", 1, "2026-08: 5", "2026-08-04"),
    # Made available on a Friday: published on Monday, begins on Tuesday.
    Worked("made available on a Friday", E, "2026-08-07", 5, "2026-08: 11-14 17", "2026-08-10"),
    # On a Saturday: the same.
    Worked("made available on a Saturday", E, "2026-08-08", 5, "2026-08: 11-14 17", "2026-08-10"),
    # Thursday: published on Friday, begins on Monday.
    Worked("published on a Friday", E, "2026-08-06", 5, "2026-08: 10-14", "2026-08-07"),
    # 7 Sep 2026 is a Monday: Friday 4 is published on Tuesday 8.
    Worked("published after a holiday Monday", E, "2026-09-04", 5, "2026-09: 9-11 14-15", "2026-09-08"),
    # 12 Oct 2026 is a Monday. Thu 8: published Fri 9, begins Tue 13.
    Worked("a holiday between publication and start", E, "2026-10-08", 5, "2026-10: 13-16 19", "2026-10-09"),
    # Finados 2026, Mon 2 Nov; Proclamação Sun 15; Zumbi Fri 20. Thu 29 Oct: published 30, begins Tue 3 Nov.
    # 3-6 4, 9-13 9, 16-19 13, 23-24 15.
    Worked("November 2026: 2, 15 (a Sunday) and 20", E, "2026-10-29", 15, "2026-11: 3-6 9-13 16-19 23-24", "2026-10-30" ),
    # 20 Nov is national since 2024: in 2023 (a Monday) it counts. Tue 14 Nov 2023: published Thu 16 (15 is a holiday).
    Worked("20 November 2023 was no national holiday", E, "2023-11-14", 5, "2023-11: 17 20-23", "2023-11-16"),
    # In 2024 20 Nov is a Wednesday. Thu 14: published Mon 18 (Fri 15 holiday), begins Tue 19: 19 21 22 25 26.
    Worked("20 November 2024 is one", E, "2024-11-14", 5, "2024-11: 19 21-22 25-26", "2024-11-18"),
    # 21 Apr 2026 is a Tuesday, 1 May a Friday. Thu 16: published 17, begins Mon 20: 20 22-24 (4) 27-30 (8) May 4.
    Worked("Tiradentes and 1 May", E, "2026-04-16", 9, "2026-04: 20 22-24 27-30; 2026-05: 4", "2026-04-17"),
    # 8 Dec 2026 is a Tuesday: closed everywhere. Mon 23 Nov: published 24, begins 25: 25-27 3, 30 4, Dec 1-4 8, 7 9, 9-11 12, 14-16 15.
    Worked("Dia da Justiça, state", E, "2026-11-23", 15, "2026-11: 25-27 30; 2026-12: 1-4 7 9-11 14-16", "2026-11-24"),
    Worked("Dia da Justiça, federal: the same", E, "2026-11-23", 15, "2026-11: 25-27 30; 2026-12: 1-4 7 9-11 14-16", "2026-11-24", FED),
]

RECESS = [
    # Dec 2025: 15 is a Monday. Published 16, begins Wed 17: 17-19 3; then 21 Jan (Wed) on: 21-23 6, 26-30 11, Feb 2-5 15.
    Worked("three days before the recess", E, "2025-12-15", 15, "2025-12: 17-19; 2026-01: 21-23 26-30; 2026-02: 2-5", "2025-12-16"),
    Worked("three days before the recess, federal", E, "2025-12-15", 15, "2025-12: 17-19; 2026-01: 21-23 26-30; 2026-02: 2-5", "2025-12-16", FED),
    # Dec 2026: 14 is a Monday; begins 16: 16-18 3; 21 Jan 2027 is a Thursday: 21-22 5, 25-29 10, Feb 1-5 15.
    Worked("the year after", E, "2026-12-14", 15, "2026-12: 16-18; 2027-01: 21-22 25-29; 2027-02: 1-5", "2026-12-15"),
    # Fri 18 Dec: the state court publishes on Mon 21, inside the recess; begins on 21 Jan: 21-22 2, 25-29 7, 1-5 12, (8 9) 10-12 15.
    Worked("published inside the recess, state", E, "2026-12-18", 15, "2027-01: 21-22 25-29; 2027-02: 1-5 10-12", "2026-12-21", closed(*CARNIVAL_2027)),
    # Lei 5.010 closes until 6 Jan: published on Thu 7. Carnival is federal by law.
    Worked("published inside the recess, federal", E, "2026-12-18", 15, "2027-01: 21-22 25-29; 2027-02: 1-5 10-12", "2027-01-07", FED),
    # Published Tue 13 Jan 2026, begins on the 21st: 21-23 3, 26-30 8, 2-6 13, 9-10 15.
    Worked("made available inside the recess", E, "2026-01-12", 15, "2026-01: 21-23 26-30; 2026-02: 2-6 9-10", "2026-01-13" ),
    # The last day before it: Wed 17 Dec 2025, published 18, begins Fri 19, which is also the end.
    Worked("ends on the eve of the recess", E, "2025-12-17", 1, "2025-12: 19", "2025-12-18"),
    Worked("one day more goes to 21 January", E, "2025-12-17", 2, "2025-12: 19; 2026-01: 21", "2025-12-18"),
    # Published on 20 Jan (Tue), begins on the 21st.
    Worked("published on the last day of the recess", E, "2026-01-19", 5, "2026-01: 21-23 26-27", "2026-01-20"),
    # 2025: 20 Jan is a Monday. Personal intimação on 10 Jan (Fri): begins Tue 21.
    Worked("told inside the recess", N, "2025-01-10", 5, "2025-01: 21-24 27"),
    # Not suspended (urgent): state courts are open after 20 Dec. Wed 16 Dec 2026: 17 18 21 22 23.
    Worked("an urgent act, state", N, "2026-12-16", 5, "2026-12: 17-18 21-23", None, {"suspended_in_recess": False}),
    # Federal ones are closed until 6 Jan: 17 18, then 7 8 11.
    Worked("an urgent act, federal", N, "2026-12-16", 5, "2026-12: 17-18; 2027-01: 7-8 11", None, FED | {"suspended_in_recess": False}),
    # 24 and 31 Dec are open by national law; 25 and 1 Jan are not. Tue 22 Dec 2026: 23 24 28-31 (6) Jan 4.
    Worked("an urgent act over Christmas", N, "2026-12-22", 7, "2026-12: 23-24 28-31; 2027-01: 4", None, {"suspended_in_recess": False}),
    # Doubled over the recess. 30 from Wed 17 Dec 2025: 17-19 3, Jan 21-23 6, 26-30 11, Feb 2-6 16, 9-13 21, (16 17) 18-20 24, 23-27 29, Mar 2 30.
    Worked("the Fazenda over recess and carnival", E, "2025-12-15", 15, "2025-12: 17-19; 2026-01: 21-23 26-30; 2026-02: 2-6 9-13 18-20 23-27; 2026-03: 2", "2025-12-16", closed(*CARNIVAL_2026, party="fazenda_publica")),
]

CARNIVAL_AND_EASTER = [
    # Carnival 2026: 16 and 17 Feb. Fri 13: published Wed 18, begins Thu 19.
    Worked("carnival closed", E, "2026-02-13", 5, "2026-02: 19-20 23-25", "2026-02-18", closed(*CARNIVAL_2026)),
    Worked("carnival, federal by law", E, "2026-02-13", 5, "2026-02: 19-20 23-25", "2026-02-18", FED),
    Worked("carnival by national law only: open", E, "2026-02-13", 5, "2026-02: 17-20 23", "2026-02-16"),
    Worked("Ash Wednesday closed", E, "2026-02-13", 5, "2026-02: 20 23-26", "2026-02-19", closed(*CARNIVAL_2026, "2026-02-18")),
    # Opens late on Ash Wednesday: the publication begins nothing on it; Thu 19 is excluded, Fri 20 counts.
    Worked("Ash Wednesday late", E, "2026-02-13", 5, "2026-02: 20 23-26", "2026-02-18", closed(*CARNIVAL_2026, reduced=["2026-02-18"])),
    # Inside: it counts. Tue 10: published 11, begins 12: 12 13 18 19 20.
    Worked("Ash Wednesday inside counts", E, "2026-02-10", 5, "2026-02: 12-13 18-20", "2026-02-11", closed(*CARNIVAL_2026, reduced=["2026-02-18"])),
    # As a last day it moves: 12 13 18 would be three.
    Worked("Ash Wednesday as the last day", E, "2026-02-10", 3, "2026-02: 12-13 19", "2026-02-11", closed(*CARNIVAL_2026, reduced=["2026-02-18"])),
    # As the first counted day: Thu 12 published Fri 13; the 18th would be the first; it is the 19th.
    Worked("Ash Wednesday as the first day", E, "2026-02-12", 5, "2026-02: 19-20 23-25", "2026-02-13", closed(*CARNIVAL_2026, reduced=["2026-02-18"])),
    # Easter 2026 is 5 Apr: Good Friday 3. Mon 30 Mar: published 31, begins Wed 1: 1 2 6 7 8.
    Worked("Holy Week, state", E, "2026-03-30", 5, "2026-04: 1-2 6-8", "2026-03-31"),
    # Federal: closed 1 to 5; begins Mon 6.
    Worked("Holy Week, federal", E, "2026-03-30", 5, "2026-04: 6-10", "2026-03-31", FED),
    # Thu 2 Apr: published Mon 6, begins Tue 7.
    Worked("made available on Maundy Thursday", E, "2026-04-02", 5, "2026-04: 7-10 13", "2026-04-06"),
    # 2025: Good Friday 18 Apr and Tiradentes Mon 21. Wed 16: published 17, begins Tue 22: 22-25 4, 28.
    Worked("Good Friday and Tiradentes together", E, "2025-04-16", 5, "2025-04: 22-25 28", "2025-04-17"),
    # Corpus Christi 2026: Thu 4 Jun. Fri 29 May: published Mon 1, begins 2: 2 3 5 8 9.
    Worked("Corpus Christi closed", E, "2026-05-29", 5, "2026-06: 2-3 5 8-9", "2026-06-01", closed(*CORPUS_2026)),
    Worked("Corpus Christi open", E, "2026-05-29", 5, "2026-06: 2-5 8", "2026-06-01"),
    Worked("Corpus Christi is not in Lei 5.010", E, "2026-05-29", 5, "2026-06: 2-5 8", "2026-06-01", FED),
    # 2024: carnival 12 and 13 Feb, leap day Thu 29. Fri 9: published Wed 14, begins 15: 15 16, 19-23 7, 26-29 11, Mar 1 12.
    Worked("carnival and a leap day", E, "2024-02-09", 12, "2024-02: 15-16 19-23 26-29; 2024-03: 1", "2024-02-14", closed("2024-02-12", "2024-02-13")),
    # 2028: Easter 16 Apr, so Carnival Tuesday is 29 Feb. Fri 25: published Wed 1 Mar, begins 2: 2 3 6 7 8.
    Worked("carnival on 29 February", E, "2028-02-25", 5, "2028-03: 2-3 6-8", "2028-03-01", FED),
    # Federal 1 Nov 2027 is a Monday, 2 a Tuesday. Thu 28 Oct: published 29, begins Wed 3: 3-5 3, 8 9.
    Worked("1 and 2 November, federal", E, "2027-10-28", 5, "2027-11: 3-5 8-9", "2027-10-29", FED),
    Worked("2 November, state", E, "2027-10-28", 5, "2027-11: 1 3-5 8", "2027-10-29"),
]

CLOSED = [
    # 9 July is São Paulo's (2026: Thu). Mon 6: published 7, begins 8: 8 10 13 14 15.
    Worked("a state's holiday", E, "2026-07-06", 5, "2026-07: 8 10 13-15", "2026-07-07", closed("2026-07-09")),
    # A city's on the day of publication: Tue 4 closed, so published 5, begins 6: 6 7 10 11 12.
    Worked("a city's holiday on the day of publication", E, "2026-08-03", 5, "2026-08: 6-7 10-12", "2026-08-05", closed("2026-08-04")),
    # The court stopped for three days in the middle: 5-7, (10-12), 13 14.
    Worked("a court stopped in the middle", E, "2026-08-03", 5, "2026-08: 5-7 13-14", "2026-08-04", closed("2026-08-10", "2026-08-11", "2026-08-12")),
    Worked("the last day closed", E, "2026-08-03", 5, "2026-08: 5-7 10 12", "2026-08-04", closed("2026-08-11")),
    Worked("the system down on the last day", E, "2026-08-03", 5, "2026-08: 5-7 10 12", "2026-08-04", {"reduced": ["2026-08-11"]}),
    Worked("and on the day after too", E, "2026-08-03", 5, "2026-08: 5-7 10 13", "2026-08-04", {"reduced": ["2026-08-11", "2026-08-12"]}),
    Worked("the system down in the middle", E, "2026-08-03", 5, "2026-08: 5-7 10-11", "2026-08-04", {"reduced": ["2026-08-07"]}),
    Worked("the system down on the first day", E, "2026-08-03", 5, "2026-08: 6-7 10-12", "2026-08-04", {"reduced": ["2026-08-05"]}),
    # An act suspends deadlines (not a holiday): 5, (6 7 10), 11-14.
    Worked("deadlines suspended by an act", E, "2026-08-03", 5, "2026-08: 5 11-14", "2026-08-04", {"suspended": ["2026-08-06", "2026-08-07", "2026-08-10"]}),
]

PARTIES = [
    # 30 days, as above.
    *(
        Worked(f"doubled: {party}", E, "2026-08-03", 15, "2026-08: 5-7 10-14 17-21 24-28 31; 2026-09: 1-4 8-11 14-16", "2026-08-04", {"party": party} | more) for party, more in [ ("fazenda_publica", {}), ("defensoria", {}), ("ministerio_publico", {}), ("litisconsortes", {"electronic": False}), ] ),
    Worked("co-parties in electronic cases", E, "2026-08-03", 15, "2026-08: 5-7 10-14 17-21 24-25", "2026-08-04", {"party": "litisconsortes"}),
    Worked("a term of the party's own", E, "2026-08-03", 10, "2026-08: 5-7 10-14 17-18", "2026-08-04", {"party": "fazenda_publica", "own_term": True}),
    # 5 doubled is 10: 5-7 3, 10-14 8, 17 18.
    Worked("embargos of the Defensoria", E, "2026-08-03", 5, "2026-08: 5-7 10-14 17-18", "2026-08-04", {"party": "defensoria"}),
]

OTHER_EVENTS = [
    # Told on Mon 3: 4-7 4, 10.
    Worked("told in person", N, "2026-08-03", 5, "2026-08: 4-7 10"),
    Worked("knew of it", "ciencia", "2026-08-03", 5, "2026-08: 4-7 10"),
    Worked("the writ attached to the case", J, "2026-08-03", 15, "2026-08: 4-7 10-14 17-21 24"),
    Worked("attached on a Friday", J, "2026-08-07", 5, "2026-08: 10-14"),
    # On a Saturday: the earlier end, from Monday.
    Worked("told on a Saturday", N, "2026-08-08", 5, "2026-08: 10-14"),
    Worked("told on a holiday", N, "2026-09-07", 5, "2026-09: 8-11 14"),
    Worked("published, as the gazette says", P, "2026-08-04", 5, "2026-08: 5-7 10-11", "2026-08-04"),
    # A gazette has no Saturday: Monday 10, so from Tuesday.
    Worked("published on a Saturday", P, "2026-08-08", 5, "2026-08: 11-14 17", "2026-08-10"),
    Worked("read on a working day", "leitura_portal", "2026-08-05", 5, "2026-08: 6-7 10-12"),
    # Read on Sat 8: made on Mon 10, from Tue 11.
    Worked("read on a Saturday", "leitura_portal", "2026-08-08", 5, "2026-08: 11-14 17"),
    # Sent Wed 5: ten days are over on Sat 15; from Mon 17.
    Worked("sent and not read", "envio_portal", "2026-08-05", 5, "2026-08: 17-21"),
    # Sent Mon 3: over on Thu 13; from Fri 14.
    Worked("sent on a Monday", "envio_portal", "2026-08-03", 5, "2026-08: 14 17-20"),
    # Sent Wed 16 Dec: over on Sat 26, in the recess; from Thu 21 Jan.
    Worked("deemed told inside the recess", "envio_portal", "2026-12-16", 5, "2027-01: 21-22 25-27"),
    # Confirmed Mon 3: fifth day 4 5 6 7 10; from Tue 11: 11-14 4, 17-21 9, 24-28 14, 31.
    Worked("citation confirmed, state", "citacao_domicilio", "2026-08-03", 15, "2026-08: 11-14 17-21 24-28 31"),
    # Federal: from Wed 12: 12-14 3, 17-21 8, 24-28 13, 31, Sep 1.
    Worked("citation confirmed, federal", "citacao_domicilio", "2026-08-03", 15, "2026-08: 12-14 17-21 24-28 31; 2026-09: 1", None, FED),
]

RUNNING = [
    # Told on Fri 7 Aug: begins Mon 10 (Súmula STF 310). 11 Aug is inside and counts, in federal courts too.
    Worked("criminal, from a Friday", N, "2026-08-07", 5, "2026-08: 10-14", None, RUN),
    Worked("criminal, federal: 11 August counts", N, "2026-08-07", 5, "2026-08: 10-14", None, RUN | FED),
    # Told on Mon 3: 4 to 8, and the 8th is a Saturday: Monday.
    Worked("ends on a Saturday", N, "2026-08-03", 5, "2026-08: 4-7 10", None, RUN),
    # Ten from Tue 4: the 13th, weekend and all.
    Worked("ten running days", N, "2026-08-03", 10, "2026-08: 4-13", None, RUN),
    # 2 days from Fri 4 Sep: Mon 7 is a holiday, begins Tue 8: 8 9.
    Worked("a holiday Monday after a Friday", N, "2026-09-04", 2, "2026-09: 8-9", None, RUN),
    # Over the recess: Tue 15 Dec 2026: 16-19 (4; Saturday counts), then 21-26 Jan.
    Worked("running days stop in the recess", N, "2026-12-15", 10, "2026-12: 16-19; 2027-01: 21-26", None, RUN),
    # Detained: no stop. 16 to 25 Dec; 25, 26 and 27 are closed: Mon 28.
    Worked("a detained defendant, state", N, "2026-12-15", 10, "2026-12: 16-24 28", None, RUN | {"suspended_in_recess": False}),
    # Federal: closed until 6 Jan; it ends on Thu 7.
    Worked("a detained defendant, federal", N, "2026-12-15", 10, "2026-12: 16-24; 2027-01: 7", None, RUN | FED | {"suspended_in_recess": False}),
    # Told Fri 18 Dec: begins on 21 Jan: 21-25, the 25th a Monday.
    Worked("told on the eve of the recess", N, "2026-12-18", 5, "2027-01: 21-25", None, RUN),
    # The gazette, criminal: Mon 3 made available, Tue 4 published, 5 to 9 (Sunday): Mon 10.
    Worked("criminal by the gazette", E, "2026-08-03", 5, "2026-08: 5-8 10", "2026-08-04", RUN),
    # Substantive law: from the day after, a Saturday. 8 to 17, a Monday.
    Worked("from a Saturday by substantive law", "ciencia", "2026-08-07", 10, "2026-08: 8-17", None, RUN | {"start_on_open_day": False, "suspended_in_recess": False}),
    # Mandado de segurança: 120 days from 2 Sep 2026: Sep 29, Oct 31 = 60, Nov 30 = 90, Dec 30 = 120, a Wednesday.
    Worked("120 days of a writ", "ciencia", "2026-09-01", 120, "2026-09: 2-30; 2026-10: 1-31; 2026-11: 1-30; 2026-12: 1-30", None, RUN | {"start_on_open_day": False, "suspended_in_recess": False}),
    # The Defensoria, criminal: 5 are 10, from Tue 4 to Thu 13.
    Worked("criminal, Defensoria", N, "2026-08-03", 5, "2026-08: 4-13", None, RUN | {"party": "defensoria"}),
    # February of a leap year: Mon 26 Feb 2024: 27 28 29, Mar 1-7.
    Worked("running over a leap day", N, "2024-02-26", 10, "2024-02: 27-29; 2024-03: 1-7", None, RUN),
    # 2025 has none: Wed 26 Feb: 27 28, Mar 1-8, a Saturday: Monday 10.
    Worked("running over a February of 28", N, "2025-02-26", 10, "2025-02: 27-28; 2025-03: 1-7 10", None, RUN),
]

# fmt: on
DAYS = [*GAZETTE, *RECESS, *CARNIVAL_AND_EASTER, *CLOSED, *PARTIES, *OTHER_EVENTS, *RUNNING]

# Months and years go from number to number (CC, art. 132, § 3º): event, date, amount, unit, end, why.
NUMBERS = [
    ("ciencia", "2026-03-10", 1, "meses", "2026-04-10", "a Friday"),
    ("ciencia", "2026-01-31", 1, "meses", "2026-03-02", "no 31 February: 1 March, a Sunday, so Monday 2"),
    ("ciencia", "2024-01-31", 1, "meses", "2024-03-01", "no 31 February in a leap year either: 1 March, a Friday"),
    ("ciencia", "2024-01-29", 1, "meses", "2024-02-29", "there is a 29th, a Thursday"),
    ("ciencia", "2026-03-31", 1, "meses", "2026-05-04", "no 31 April: 1 May, a holiday and a Friday, so Monday 4"),
    ("ciencia", "2026-08-07", 1, "meses", "2026-09-08", "7 September is a holiday, a Monday"),
    ("ciencia", "2024-02-29", 1, "anos", "2025-03-03", "no 29 February 2025: 1 March, a Saturday, so Monday 3"),
    ("ciencia", "2024-02-29", 4, "anos", "2028-02-29", "2028 has one, a Tuesday"),
    ("ciencia", "2024-03-11", 2, "anos", "2026-03-11", "an action to rescind, two years: a Wednesday"),
    ("ciencia", "2024-12-22", 2, "anos", "2027-01-21", "ends inside the recess: the first working day after it"),
    ("ciencia", "2026-11-30", 3, "meses", "2027-03-01", "no 30 February: 1 March, a Monday; the recess adds nothing"),
    ("disponibilizacao", "2026-08-03", 6, "meses", "2027-02-04", "published on the 4th, so the 4th, a Thursday"),
]
