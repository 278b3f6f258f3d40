"""The files of an exchange folder, written as a stream: no more in memory than a few households."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

NEEDS_QUOTES = frozenset(',"\r\n')

COLUMNS = {
    "organisations": "code,name",
    "products": "code,organisation,name,dated",
    "contacts": (
        "contact_number,kind,structure,title,first_name,last_name,birth_date,language,email,phone,"
        "mobile,street,street2,postcode,town,country,login,email_validated_at,remark,roles,"
        "created_at,created_by"
    ),
    "orders": (
        "order_number,organisation,purchase_contact,cultural_contact,ordered_at,currency,"
        "ip_address,remark"
    ),
    "order_lines": (
        "order_number,line,product,kind,state,confirmed_at,price,valid_from,valid_until,"
        "beneficiary_contact,beneficiary_first_name,beneficiary_last_name,beneficiary_email,"
        "beneficiary_birth_date,beneficiary_country"
    ),
    "answers": "order_number,line,question,type,answer",
    "payments": "payment_number,order_number,paid_at,amount",
    "account_entries": ("entry_number,contact_number,organisation,booked_at,currency,amount,label"),
    "waiting_list": "entry_number,contact_number,organisation,product,added_at",
    "clicks": "click_number,contact_number,link,clicked_at,automated",
    "criteria": "contact_number,criterion,changed_at,value,origin",
    "authorisations": ("contact_number,purpose,channel,changed_at,value,origin,wording,evidence"),
    "holds": "contact_number,reason,until,owner,created_at",
    "notes": "note_number,contact_number,written_at,text",
}


def quoted(text: str) -> str:
    """The text as a field of RFC 4180: in quotes only where it needs them."""
    if NEEDS_QUOTES.isdisjoint(text):
        return text
    return '"' + text.replace('"', '""') + '"'


class Table(list[str]):
    """Rows of one file that wait to be written: whole lines, ready quoted."""

    def __init__(self, path: Path, columns: str) -> None:
        super().__init__()
        self.written = 0
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write(columns + "\n")

    def flush(self) -> None:
        """Write what waits."""
        self._file.write("".join(self))
        self.written += len(self)
        self.clear()

    def close(self) -> None:
        """Write what waits, for the last time."""
        try:
            self.flush()
        finally:
            self._file.close()


class Files:
    """All the tables of a folder; a file without rows has its header."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)

        def table(name: str) -> Table:
            return Table(folder / f"{name}.csv", COLUMNS[name])

        self.organisations = table("organisations")
        self.products = table("products")
        self.contacts = table("contacts")
        self.orders = table("orders")
        self.order_lines = table("order_lines")
        self.answers = table("answers")
        self.payments = table("payments")
        self.account_entries = table("account_entries")
        self.waiting_list = table("waiting_list")
        self.clicks = table("clicks")
        self.criteria = table("criteria")
        self.authorisations = table("authorisations")
        self.holds = table("holds")
        self.notes = table("notes")

    def __iter__(self) -> Iterator[tuple[str, Table]]:
        return ((name, getattr(self, name)) for name in COLUMNS)

    def flush(self) -> None:
        """Write what waits in every table."""
        for _, table in self:
            table.flush()

    def counts(self) -> dict[str, int]:
        """How many rows each file holds."""
        return {name: table.written + len(table) for name, table in self}

    def __enter__(self) -> Files:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for _, table in self:
            table.close()
