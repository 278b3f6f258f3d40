"""What of the data map is shown."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fadeout.core.catalogue import declaration
from fadeout.core.catalogue.declaration import Reach


class Filters(forms.Form):
    """Sent by GET: names of tables are about nobody."""

    table = forms.ChoiceField(label=_("Table"), required=False)
    every = forms.BooleanField(
        label=_("Also columns that say nothing about people"), required=False
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        declared = sorted(declaration.tables().values(), key=lambda table: table.name)
        field = self.fields["table"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type alone
        field.choices = [
            ("", _("all of them")),
            (_("That hang on a contact"), [(t.name, t.name) for t in declared if _hangs(t)]),
            (_("Others"), [(t.name, t.name) for t in declared if not _hangs(t)]),
        ]


def _hangs(table: declaration.Table) -> bool:
    return table.reach is not Reach.NONE
