"""What lies in the vault. Nothing here can be read with what the database and the application hold."""

from __future__ import annotations

from django.db import models


class VaultKey(models.Model):
    """A data key that was made, and when it goes. The key itself lies wrapped in the key folder."""

    id = models.UUIDField(primary_key=True)
    made_at = models.DateTimeField()
    expires_on = models.DateField()
    wrapped_digest = models.TextField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "vault_key"


class VaultRecord(models.Model):
    """What was removed of one contact, sealed. Nothing says whose it is.

    ``key_id`` is no foreign key: it would be checked for each record, and lock the key's row.
    """

    key_id = models.UUIDField()
    expires_on = models.DateField()
    sealed = models.BinaryField()

    class Meta:
        db_table = "vault_record"
