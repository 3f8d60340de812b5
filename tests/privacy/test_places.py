"""Nothing that leads to a person is forgotten by export and erasing."""

from django.apps import apps
from django.db import models

from itpm_byte.privacy.places import PLACES
from itpm_byte.privacy.traces import TEXTS
from lti.models import PlatformUser


def references(model, to):
    """Its columns that refer to one of these models."""
    return {field.name: field.related_model for field in model._meta.concrete_fields if field.related_model in to}


def leading_to_people():
    """All models that refer to a person, or to a row that belongs to one; tables of Django between two included."""
    everything = set(apps.get_models(include_auto_created=True))
    found = {PlatformUser}
    while True:
        more = {model for model in everything - found if references(model, found - _NOBODYS)}
        if not more:
            return found
        found |= more


# Rows that a person made, but that others refer to as to a thing.
_NOBODYS = {apps.get_model("learning.Pick")}


def test_every_model_that_leads_to_a_person_is_exported_and_erased():
    assert {model._meta.label for model in leading_to_people()} == {place.label for place in PLACES}


def test_every_column_that_refers_to_a_person_is_looked_at():
    missing = [
        f"{place.label}.{name}"
        for place in PLACES
        for name, model in references(place.model, {PlatformUser}).items()
        if name not in place.paths and model is PlatformUser
    ]
    assert missing == []


def test_paths_lead_to_people_and_secrets_are_columns():
    for place in PLACES:
        for path in place.paths:
            reached = place.model
            for name in path.split("__") if path != "pk" else ():
                reached = reached._meta.get_field(name).related_model
            assert reached is PlatformUser, f"{place.label}: {path}"
        names = {field.name for field in place.model._meta.concrete_fields}
        assert place.secret <= names


def test_texts_that_may_name_people_exist():
    for label, columns in TEXTS:
        for column in columns:
            assert isinstance(
                apps.get_model(label)._meta.get_field(column), (models.TextField, models.CharField, models.JSONField)
            )
