"""The exchange format, declared once: every file, its columns, and where they live in the database.

Import, export and the reference documentation all read this declaration. The files stand in the
order in which they refer to one another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Model

from fadeout.connectors.exchange import types
from fadeout.connectors.exchange.types import Type
from fadeout.contacts import models as contacts
from fadeout.links import models as links
from fadeout.sales import models as sales


@dataclass(frozen=True)
class Column:
    """One column of a file and the model field that it fills.

    ``refers_to`` names the file whose rows the column points at; several columns of one field
    (``answers.order_number`` and ``answers.line``) point together. ``is_emptied`` says that erasure
    empties it and no import may fill it again. ``dated_by`` names the column that says when a row
    pointed at a contact: of the row itself, or else of its order.
    """

    name: str
    type: Type
    field: str
    is_key: bool = False
    is_optional: bool = False
    refers_to: str | None = None
    is_emptied: bool = False
    dated_by: str | None = None


@dataclass(frozen=True)
class Reference:
    """Columns of a file that together name one row of another file (or of the same)."""

    field: str
    columns: tuple[Column, ...]
    file: str
    is_optional: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(column.name for column in self.columns)

    @property
    def dated_by(self) -> str | None:
        """The column that says when a row pointed there."""
        return self.columns[0].dated_by


@dataclass(frozen=True)
class File:
    """One file of the format and the table that holds its rows."""

    name: str
    model: type[Model]
    columns: tuple[Column, ...]
    is_only_about_its_contact: bool = False

    @property
    def table(self) -> str:
        """The table that holds the rows."""
        return self.model._meta.db_table

    @property
    def stage(self) -> str:
        """The temporary table that an import collects the rows in."""
        return f"stage_{self.name}"

    @property
    def key(self) -> tuple[Column, ...]:
        """The columns that identify a row."""
        return tuple(column for column in self.columns if column.is_key)

    @property
    def emptied(self) -> tuple[Column, ...]:
        """The columns that erasure empties for good."""
        return tuple(column for column in self.columns if column.is_emptied)

    @property
    def plain(self) -> tuple[Column, ...]:
        """The columns that hold a value of their own in the table."""
        return tuple(c for c in self.columns if c.refers_to is None and c.type is not types.LIST)

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """What the file points at."""
        together: dict[str, list[Column]] = {}
        for column in self.columns:
            if column.refers_to is not None:
                together.setdefault(column.field, []).append(column)
        return tuple(
            Reference(field, tuple(columns), columns[0].refers_to or "", columns[0].is_optional)
            for field, columns in together.items()
        )

    @property
    def contact_references(self) -> tuple[Reference, ...]:
        """What the file points at among the contacts."""
        return tuple(link for link in self.references if link.file == "contacts")

    @property
    def refers_to_itself(self) -> bool:
        """Whether rows may point at rows of the same file, in any order."""
        return any(reference.file == self.name for reference in self.references)

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def target(self, field: str) -> str:
        """The column of the table that holds a field."""
        return str(self.model._meta.get_field(field).column)  # type: ignore[union-attr]

    @property
    def target_key(self) -> tuple[str, ...]:
        """The columns of the table that identify a row."""
        return tuple(dict.fromkeys(self.target(column.field) for column in self.key))


def _key(
    name: str, type_: Type = types.TEXT, field: str | None = None, to: str | None = None
) -> Column:
    return Column(name, type_, field or name, is_key=True, refers_to=to)


def _needed(name: str, type_: Type = types.TEXT, field: str | None = None) -> Column:
    return Column(name, type_, field or name)


def _optional(name: str, type_: Type = types.TEXT, *, is_emptied: bool = False) -> Column:
    return Column(name, type_, name, is_optional=True, is_emptied=is_emptied)


def _link(name: str, to: str, field: str | None = None, *, is_optional: bool = False) -> Column:
    return Column(name, types.TEXT, field or name, refers_to=to, is_optional=is_optional)


def _contact(name: str, *, dated_by: str) -> Column:
    """A contact that a row may have."""
    return replace(_link(name, "contacts", is_optional=True), dated_by=dated_by)


def _whose(dated_by: str) -> Column:
    """The contact that a row is of."""
    return replace(_link("contact_number", "contacts", "contact"), dated_by=dated_by)


def _key_whose(dated_by: str) -> Column:
    """The contact that a row is of, and told apart by."""
    return replace(_whose(dated_by), is_key=True)


_ORIGIN = types.one_of(*contacts.Origin.values)

FILES: tuple[File, ...] = (
    File("organisations", sales.Organisation, (_key("code"), _needed("name"))),
    File(
        "products",
        sales.Product,
        (
            _key("code"),
            _link("organisation", "organisations"),
            _needed("name"),
            _needed("dated", types.BOOL),
        ),
    ),
    File(
        "contacts",
        contacts.Contact,
        (
            _key("contact_number"),
            _needed("kind", types.one_of(*contacts.ContactKind.values)),
            _link("structure", "contacts", is_optional=True),
            _optional("title"),
            _optional("first_name"),
            _optional("last_name"),
            _optional("birth_date", types.DATE),
            _optional("language", types.LANGUAGE),
            _optional("email"),
            _optional("phone"),
            _optional("mobile"),
            _optional("street"),
            _optional("street2"),
            _optional("postcode"),
            _optional("town"),
            _optional("country", types.COUNTRY),
            _optional("login"),
            _optional("email_validated_at", types.TIME),
            _optional("remark"),
            _optional("roles", types.LIST),
            _needed("created_at", types.TIME),
            _contact("created_by", dated_by="created_at"),
        ),
    ),
    File(
        "orders",
        sales.Order,
        (
            _key("order_number"),
            _link("organisation", "organisations"),
            _contact("purchase_contact", dated_by="ordered_at"),
            _contact("cultural_contact", dated_by="ordered_at"),
            _needed("ordered_at", types.TIME),
            _needed("currency", types.CURRENCY),
            _optional("ip_address", is_emptied=True),
            _optional("remark", is_emptied=True),
        ),
    ),
    File(
        "order_lines",
        sales.OrderLine,
        (
            _key("order_number", field="order", to="orders"),
            _key("line", types.INTEGER),
            _link("product", "products"),
            _needed("kind", types.one_of(*sales.LineKind.values)),
            _needed("state", types.one_of(*sales.LineState.values)),
            _optional("confirmed_at", types.TIME),
            _needed("price", types.AMOUNT),
            _optional("valid_from", types.TIME),
            _optional("valid_until", types.TIME),
            _contact("beneficiary_contact", dated_by="ordered_at"),
            _optional("beneficiary_first_name", is_emptied=True),
            _optional("beneficiary_last_name", is_emptied=True),
            _optional("beneficiary_email", is_emptied=True),
            _optional("beneficiary_birth_date", types.DATE, is_emptied=True),
            _optional("beneficiary_country"),
        ),
    ),
    File(
        "answers",
        sales.Answer,
        (
            _key("order_number", field="order_line", to="order_lines"),
            _key("line", types.INTEGER, field="order_line", to="order_lines"),
            _key("question"),
            _needed("type", types.one_of(*sales.AnswerType.values)),
            _optional("answer", is_emptied=True),
        ),
    ),
    File(
        "payments",
        sales.Payment,
        (
            _key("payment_number"),
            _link("order_number", "orders", "order"),
            _needed("paid_at", types.TIME),
            _needed("amount", types.AMOUNT),
        ),
    ),
    File(
        "account_entries",
        sales.AccountEntry,
        (
            _key("entry_number"),
            _whose("booked_at"),
            _link("organisation", "organisations"),
            _needed("booked_at", types.TIME),
            _optional("currency", types.CURRENCY),
            _needed("amount", types.AMOUNT),
            _optional("label", is_emptied=True),
        ),
    ),
    File(
        "waiting_list",
        sales.WaitingListEntry,
        (
            _key("entry_number"),
            _whose("added_at"),
            _link("organisation", "organisations"),
            _link("product", "products", is_optional=True),
            _needed("added_at", types.TIME),
        ),
        is_only_about_its_contact=True,
    ),
    File(
        "clicks",
        links.Click,
        (
            _key("click_number"),
            _whose("clicked_at"),
            _needed("link"),
            _needed("clicked_at", types.TIME),
            _needed("automated", types.BOOL),
        ),
        is_only_about_its_contact=True,
    ),
    File(
        "criteria",
        contacts.Criterion,
        (
            _key_whose("changed_at"),
            _key("criterion"),
            _key("changed_at", types.TIME),
            _optional("value"),
            _needed("origin", _ORIGIN),
        ),
        is_only_about_its_contact=True,
    ),
    File(
        "authorisations",
        contacts.Authorisation,
        (
            _key_whose("changed_at"),
            _key("purpose"),
            _key("channel"),
            _key("changed_at", types.TIME),
            _needed("value", types.one_of(*contacts.Answer.values)),
            _needed("origin", _ORIGIN),
            _optional("wording"),
            _optional("evidence"),
        ),
        is_only_about_its_contact=True,
    ),
    File(
        "holds",
        contacts.Hold,
        (
            _key_whose("created_at"),
            _key("reason"),
            _optional("until", types.DATE),
            _optional("owner"),
            _optional("created_at", types.TIME),
        ),
        is_only_about_its_contact=True,
    ),
    File(
        "notes",
        contacts.Note,
        (
            _key("note_number"),
            _whose("written_at"),
            _needed("written_at", types.TIME),
            _needed("text"),
        ),
        is_only_about_its_contact=True,
    ),
)
BY_NAME = {file.name: file for file in FILES}
