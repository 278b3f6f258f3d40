"""What a house knows of its audience besides sales: consents, interests, clicks, waiting, notes."""

from __future__ import annotations

from fadeout.demo.dice import Dice, loaded
from fadeout.demo.files import Files, quoted
from fadeout.demo.network import ADDRESSES
from fadeout.demo.people import Person
from fadeout.demo.programme import Programme
from fadeout.demo.repertoire import ORGANISATIONS
from fadeout.demo.times import DAY, Times

ORIGINS = loaded({"contact": 66, "operator": 20, "import": 9, "system": 5})
ASKED = loaded(
    {
        ("institution", "email"): 58,
        ("institution", "letter"): 9,
        ("institution", "sms"): 7,
        ("institution", "phone"): 6,
        ("partners", "email"): 11,
        ("third_parties", "email"): 9,
    }
)
WORDINGS = {
    "institution": tuple(
        quoted(text)
        for text in (
            "Yes, I would like to hear about the programme, at most twice a month.",
            "Keep me informed. I can say no at any time, with one click.",
            "Ja, ich möchte Neues aus dem Haus erfahren.",
        )
    ),
    "partners": (quoted("Our partners may write to me, too."),),
    "third_parties": (quoted("You may pass on my address to theatres, museums and festivals."),),
}
INTERESTS = {
    "interest": ("opera", "theatre", "concerts", "exhibitions", "family", quoted("dance, modern")),
    "segment": ("regular", "occasional", "premieres", "matinee", ""),
    "friend of the house": ("bronze", "silver", "gold", ""),
    "newsletter rhythm": ("weekly", "monthly", "each season"),
    "access": ("wheelchair", "induction loop", ""),
}
LINKS = (
    "autumn-programme",
    "spring-programme",
    "festival-lineup",
    "open-day",
    "gift-cards",
    "consent-renewal",
)
NOTES = tuple(
    quoted(text)
    for text in (
        "Called about two seats for the premiere, will think about it.",
        "Complained about the draught in row 7. Sent a voucher.",
        "Found her glasses after the show; collected.",
        "Wants to be told when Rusalka comes back.",
        'Said on the phone: "We come every year, do not forget us."',
        "Mother in hospital, changed the tickets without a fee.",
        "New address given at the counter;\ntyped by the evening staff.",
    )
)
HOLDS = (
    "litigation",
    "tax audit",
    "insurance claim",
    "membership",
    "accident in the foyer",
)
HOLD_OWNERS = ("legal office", "accounts", "front of house")
GUARDED = loaded({"hold": 60, "restriction": 18, "request": 22})
SLOT = 4
"""Minutes. A moment has room for so many turns, and turns never share a minute: a history has
every moment once."""


def slot(minute: int, turn: int) -> int:
    """The minute of a turn in the slot around a moment."""
    return minute - minute % SLOT + turn


class Audience:
    """Writes what is only about one contact."""

    def __init__(self, dice: Dice, times: Times, files: Files, programme: Programme) -> None:
        self.dice = dice
        self.random = dice.random
        self.times = times
        self.files = files
        self.programme = programme

    def consents(self, who: Person, questions: int, willing: float) -> bool:
        """A history of answers; whether the first one was yes.

        All of it happens between the first and the last sign of life: an authorisation that
        changes is an activity, and would otherwise keep everybody for ever.
        """
        agreed = False
        for turn in range(questions):
            purpose, channel = ("institution", "email") if not turn else self.dice.pick(ASKED)
            if turn and (purpose, channel) == ("institution", "email"):
                continue
            key = f"{who.number},{purpose},{channel}"
            at = slot(who.first_seen + SLOT, turn)
            value = self._first_answer(willing)
            self._answer(key, purpose, at, value)
            agreed = agreed or (not turn and value == "yes")
            if self.random() < 0.16:
                self._change_of_mind(key, value, at + DAY, who.last_seen)
        return agreed

    def interests(self, who: Person, changes: int) -> None:
        """Criteria that came and went."""
        for turn in range(changes):
            criterion = self.dice.pick(tuple(INTERESTS))
            value = self.dice.pick(INTERESTS[criterion])
            at = self._within(who)
            origin = self.dice.pick(ORIGINS)
            if origin == "system" or (origin == "import" and self.dice.chance(0.5)):
                at = self._lately()  # machines go on where people have stopped
            elif self.dice.chance(0.1):
                at = min(who.last_seen + int(self.random() * 300 * DAY), self.times.now - SLOT)
            at = slot(at, turn)
            self.files.criteria.append(
                f"{who.number},{criterion},{self.times.stamp(at)},{value},{origin}\n"
            )

    def clicks(self, who: Person, times: int) -> None:
        """What was clicked. Mail scanners click, too, also for people who are long gone."""
        clicks = self.files.clicks
        for _ in range(times):
            automated = self.random() < 0.3
            at = self._lately() if automated else self._within(who)
            link = f"{self.dice.pick(LINKS)}-{self.times.day(at)[:4]}"
            clicks.append(
                f"L{clicks.written + len(clicks) + 1},{who.number},{link},"
                f"{self.times.stamp(at)},{'true' if automated else 'false'}\n"
            )

    def waiting(self, who: Person, at: int) -> None:
        """The contact waits for a seat: in a production, or for anything at all."""
        waiting = self.files.waiting_list
        organisation = self.dice.pick(ORGANISATIONS)
        product = ""
        coming = self.programme.after(at)
        if coming and self.random() < 0.75:
            show = self.dice.pick(coming)
            organisation, product = show.organisation, show.at("full")[0].product
        who.seen(at)
        waiting.append(
            f"W{waiting.written + len(waiting) + 1},{who.number},{organisation.code},{product},"
            f"{self.times.stamp(at)}\n"
        )

    def note(self, who: Person) -> None:
        """What somebody wrote down on the telephone. Notes are no activity."""
        notes = self.files.notes
        at = self.times.stamp(self._within(who))
        notes.append(
            f"N{notes.written + len(notes) + 1},{who.number},{at},{self.dice.pick(NOTES)}\n"
        )

    def guard(self, who: Person) -> None:
        """A reason not to touch the contact: for good, until a day, or until a day gone by."""
        reason = self.dice.pick(GUARDED)
        owner = "data protection officer"
        until = ""
        created = max(self._lately(80), who.first_seen)
        if reason == "hold":
            reason, owner = self.dice.pick(HOLDS), self.dice.pick(HOLD_OWNERS)
            created = self._within(who)
            luck = self.random()
            if luck < 0.5:
                until = self.times.day(self.times.now + int(luck * 1000) * DAY)
            elif luck < 0.6:
                until = self.times.day(max(self._lately(), created))
        self.files.holds.append(
            f"{who.number},{reason},{until},{owner},{self.times.stamp(created)}\n"
        )

    def _first_answer(self, willing: float) -> str:
        luck = self.random()
        if luck < willing:
            return "yes"
        return "no" if luck < (1 + willing) / 2 else "unanswered"

    def _answer(self, key: str, purpose: str, at: int, value: str) -> None:
        """One row; whoever said yes said it to a wording, somewhere."""
        origin = self.dice.pick(ORIGINS)
        wording = self.dice.pick(WORDINGS[purpose]) if value == "yes" else ""
        evidence = ""
        if value == "yes" and origin == "contact":
            evidence = f"web form; {self.dice.pick(ADDRESSES)}"
        elif value == "yes" and origin == "operator":
            evidence = "signed card at the counter"
        self.files.authorisations.append(
            f"{key},{self.times.stamp(at)},{value},{origin},{wording},{evidence}\n"
        )

    def _change_of_mind(self, key: str, was: str, first: int, last: int) -> None:
        """Withdrawn, or given after all: once, sometimes twice."""
        if last <= first:
            return
        purpose = key.split(",")[1]
        # In steps of whole slots, so that the moment keeps the turn of the first answer.
        at = first + int(self.random() * (last - first)) // SLOT * SLOT
        self._answer(key, purpose, at, "no" if was == "yes" else "yes")
        if last - at > 40 * DAY and self.random() < 0.3:
            self._answer(key, purpose, at + 30 * DAY, was)

    def _within(self, who: Person) -> int:
        """A moment while the contact was about."""
        return who.first_seen + int(self.random() * (who.last_seen - who.first_seen))

    def _lately(self, days: int = 700) -> int:
        """A moment of the last two years, whoever it was."""
        return self.times.now - 1 - int(self.random() * days * DAY)
