"""What the letter says before somebody edits it, in each language.

It tells what happens if nothing is done, since silence is what forgetting follows from.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Letter:
    """The words of one language, as they stand in the plain text and in MJML."""

    subject: str
    hello: str
    paragraphs: tuple[str, ...]
    button: str
    choices: str
    leave: str


LETTERS = {
    "en": Letter(
        subject="Would you like to stay with us, {{ first_name|dear guest }}?",
        hello="Hello {{ first_name|dear guest }},",
        paragraphs=(
            "we have not seen you for a long time. We keep your details only as long as you are with us, "
            "and that time is running out.",
            "Would you like to stay? One click is enough. If you would rather not, do nothing: we will "
            "then forget your details.",
        ),
        button="I would like to stay",
        choices="My choices",
        leave="Unsubscribe",
    ),
    "fr": Letter(
        subject="Souhaitez-vous rester avec nous, {{ first_name|chère spectatrice, cher spectateur }} ?",
        hello="Bonjour {{ first_name|chère spectatrice, cher spectateur }},",
        paragraphs=(
            "nous ne vous avons pas vu depuis longtemps. Nous ne gardons vos données que tant que vous "
            "êtes des nôtres, et ce temps touche à sa fin.",
            "Souhaitez-vous rester ? Un clic suffit. Si vous préférez partir, ne faites rien : nous "
            "oublierons alors vos données.",
        ),
        button="Je souhaite rester",
        choices="Mes préférences",
        leave="Se désabonner",
    ),
    "de": Letter(
        subject="Möchten Sie bei uns bleiben, {{ first_name|liebe Gäste }}?",
        hello="Guten Tag {{ first_name|liebe Gäste }}",
        paragraphs=(
            "Wir haben Sie lange nicht gesehen. Wir behalten Ihre Angaben nur, solange Sie dabei sind, und "
            "diese Zeit geht zu Ende.",
            "Möchten Sie bleiben? Ein Klick genügt. Wenn nicht, brauchen Sie nichts zu tun: Dann "
            "vergessen wir Ihre Angaben.",
        ),
        button="Ich möchte bleiben",
        choices="Meine Einstellungen",
        leave="Abmelden",
    ),
}


def plain(letter: Letter) -> str:
    """The letter without markup."""
    return "\n\n".join(
        (
            letter.hello,
            *letter.paragraphs,
            f"{letter.button}: {{{{ link }}}}",
            "{{ house }}",
            f"{letter.choices}: {{{{ preferences }}}}\n{letter.leave}: {{{{ unsubscribe }}}}",
        )
    )


def mjml(letter: Letter) -> str:
    """The letter as MJML."""
    said = "\n".join(
        f"        <mj-text>{escape(text, quote=False)}</mj-text>"
        for text in (letter.hello, *letter.paragraphs)
    )
    return f"""<mjml>
  <mj-head>
    <mj-attributes>
      <mj-all font-family="Georgia, serif" />
      <mj-text font-size="17px" line-height="1.5" color="#14202b" />
    </mj-attributes>
  </mj-head>
  <mj-body background-color="#eef2f4">
    <mj-section background-color="#ffffff" padding="24px">
      <mj-column>
{said}
        <mj-button href="{{{{ link }}}}" background-color="#0b4f75" font-size="17px">
          {letter.button}
        </mj-button>
      </mj-column>
    </mj-section>
    <mj-section>
      <mj-column>
        <mj-text font-size="13px" align="center">
          {{{{ house }}}} ·
          <a href="{{{{ preferences }}}}">{letter.choices}</a> ·
          <a href="{{{{ unsubscribe }}}}">{letter.leave}</a>
        </mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
"""
