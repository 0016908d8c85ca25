"""What can go wrong, in words an owner can act on."""

from __future__ import annotations


class CrmError(Exception):
    """Something the person using Regulars can put right.

    The message says what was wanted, what was found and what to do. Command
    line and pages show it as it stands; anything that is not a ``CrmError``
    is a fault of the program.

    Examples
    --------
    >>> raise CrmError("Wanted a sales file, found a folder; name one file.")
    Traceback (most recent call last):
    ...
    crm_core.errors.CrmError: Wanted a sales file, found a folder; name one file.
    """


class FileError(CrmError, ValueError):
    """A file could not be read, or it is not what its name says."""


class MappingError(CrmError, ValueError):
    """The columns of a file could not be matched to what an import needs."""


class RefusedError(CrmError):
    """An import or an undo was refused; the database is as it was."""


class RecordError(CrmError, ValueError):
    """A record breaks a rule of the schema, or is not there."""


class DatabaseError(CrmError):
    """The database could not be opened, upgraded or locked."""


class ParameterError(CrmError, ValueError):
    """A parameter lies outside its legal values."""


class AccessError(CrmError):
    """Somebody's role does not allow what they wanted, or it concerns clients not theirs."""
