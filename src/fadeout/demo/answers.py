"""What is asked with a ticket, and answered: the most private things a box office hears."""

from __future__ import annotations

from fadeout.demo.dice import Dice, loaded
from fadeout.demo.files import Files, quoted
from fadeout.demo.people import Person

DIETS = loaded(
    {
        "vegetarian": 40,
        "vegan": 18,
        "halal": 12,
        "kosher": 3,
        "gluten-free": 12,
        quoted("allergic to nuts, carries an adrenaline pen"): 6,
        "lactose": 9,
    }
)
ACCESS = tuple(
    quoted(text)
    for text in (
        "Wheelchair, no transfer to a seat",
        "Needs the induction loop",
        "Comes with an assistant",
        'Calls it "a bad knee": aisle seat',
    )
)
STOPS = tuple(
    quoted(text)
    for text in (
        "Schulweg 4, 78462 Konstanz",
        "Am Rebhang 11, 9320 Arbon",
        "Hafenstraße 2, 6900 Bregenz",
    )
)
DIET = 0.08


class Questions:
    """Writes answers to the questions of an order."""

    def __init__(self, dice: Dice, files: Files) -> None:
        self.dice = dice
        self.random = dice.random
        self.answers = files.answers

    def about_class(self, number: str, size: int, teacher: Person | None) -> None:
        """Which class comes, who is called, where the bus stops, what the pupils eat."""
        dice = self.dice
        form = f"{dice.between(3, 12)}{dice.pick('abcd')}"
        self.answers.append(f"{number},1,Class,text,{form}\n")
        if teacher:
            self.answers.append(f"{number},1,Teacher's e-mail,email,{teacher.email}\n")
        if dice.chance(0.3):
            self.answers.append(f"{number},1,Pick-up,address,{dice.pick(STOPS)}\n")
        for line in range(2, size + 1):
            if self.random() < DIET:
                self.answers.append(f"{number},{line},Diet,choice,{dice.pick(DIETS)}\n")

    def about_evening(self, number: str, size: int) -> None:
        """Named tickets sometimes come with a wish."""
        luck = self.random()
        if luck < 0.05:
            line = self.dice.between(1, size)
            self.answers.append(f"{number},{line},Diet,choice,{self.dice.pick(DIETS)}\n")
        elif luck > 0.985:
            self.answers.append(f"{number},1,Access,text,{self.dice.pick(ACCESS)}\n")
        elif luck > 0.98:
            self.answers.append(f"{number},1,Access,text,\n")  # asked, and left empty
