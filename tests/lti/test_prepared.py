import threading
from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from lti.models import Institution, Launch, Login, PlatformUser, Registration, ResourceLink, ToolKey
from lti.prepared import Among, Keys, Prepared, Unseen, insert, insert_unless_there, update
from tests.lti.course import make_course

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)

people = Prepared(
    lambda sub: PlatformUser.objects.select_related("registration__institution").filter(sub=sub).order_by("pk"),
    sub=PlatformUser._meta.get_field("sub"),
)

between = Prepared(
    lambda keys, after: PlatformUser.objects.filter(Among("pk", keys), pk__gt=Unseen(after), name__contains="100 %"),
    keys=Keys(),
    after=PlatformUser._meta.pk,
)


@pytest.fixture
def course(db):
    return make_course()


def login(course, **fields):
    told = {"state_hash": "s", "nonce": "n", "binding_hash": "b", "target_link_uri": "t", "created_at": NOW}
    return Login(registration=course.registration, expires_at=NOW, **{**told, **fields})


def test_a_compiled_select_finds_what_the_queryset_finds_each_time_anew(course):
    assert people.first(sub="5") == course.lin
    assert people.first(sub="nobody") is None
    assert [row.pk for row in people.rows(sub="3")] == [course.ada.pk]
    PlatformUser.objects.filter(pk=course.lin.pk).update(name="Lin")
    assert people.first(sub="5").name == "Lin"


def test_its_rows_are_whole(course, django_assert_num_queries):
    row = people.first(sub="5")
    with django_assert_num_queries(0):
        assert row.registration.institution.name == "School"
        assert row.registration.created_at.tzinfo is not None
        assert row.registration.frame_origins == []


def test_values_are_never_part_of_the_statement(course):
    assert people.rows(sub="' OR '1'='1") == []
    assert people.rows(sub="%s %(sub)s") == []


def test_a_list_of_keys_is_one_value_of_any_length(course):
    made = [PlatformUser(registration=course.registration, sub=f"s{number}", name="100 %") for number in range(3)]
    first, second, third = (user.pk for user in PlatformUser.objects.bulk_create(made))
    told = ([], [first], [third, second, first, course.lin.pk, 2**40])
    assert [[row.pk for row in between.rows(keys=keys, after=0)] for keys in told] == [
        [],
        [first],
        [first, second, third],
    ]
    assert [row.pk for row in between.rows(keys=[first, second], after=first)] == [second]


def test_postgresql_plans_it_once(course):
    """Its first five runs are tries; that it then keeps one plan says that this knows as much as one for each run."""
    for _ in range(9):
        between.rows(keys=[course.lin.pk], after=0)
    plans, is_postgresql = [], connection.vendor == "postgresql"
    if is_postgresql:
        with connection.cursor() as cursor:
            cursor.execute("SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%= ANY(%100 _%'")
            plans = [number for (number,) in cursor.fetchall()]
    assert any(plans) == is_postgresql


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_its_own_and_sees_what_others_committed():
    course = make_course()
    assert people.first(sub="5") == course.lin
    found = []

    def look():
        found.append(people.first(sub="5"))
        connections.close_all()

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert found == [course.lin]


def test_an_insert_saves_what_save_would_save(course):
    by_save, by_insert = login(course, state_hash="1"), login(course, state_hash="2", storage_target="_parent")
    by_save.save(force_insert=True)
    assert insert(by_insert) is by_insert
    assert by_insert.pk == by_save.pk + 1
    found = Login.objects.get(pk=by_insert.pk)
    names = [field.attname for field in Login._meta.concrete_fields]
    assert [getattr(found, name) for name in names] == [getattr(by_insert, name) for name in names]
    assert (found.storage_target, found.created_at) == ("_parent", NOW)


def test_an_inserted_row_can_be_changed_and_saved_as_usual(course):
    row = insert(PlatformUser(registration=course.registration, sub="new"))
    row.name = "New"
    with CaptureQueriesContext(connection) as queries:
        row.save()
    assert [query["sql"].split()[0] for query in queries] == ["UPDATE"]
    assert PlatformUser.objects.get(sub="new").name == "New"


def test_keys_of_our_own_making_and_json_are_kept(course):
    launch = Launch(deployment=course.deployment, user=course.lin, role="learner", created_at=NOW, expires_at=NOW)
    assert Launch.objects.get(pk=insert(launch).pk) == launch
    link = insert(ResourceLink(deployment=course.deployment, resource_link_id="x", ags_scopes=["a", "é"]))
    assert ResourceLink.objects.get(pk=link.pk).ags_scopes == ["a", "é"]


def test_times_that_the_model_sets_itself_are_set(db):
    owner = insert(Institution(name="School", slug="school"))
    registration = insert(Registration(institution=owner, issuer="i", client_id="c"))
    assert Registration.objects.get().created_at == registration.created_at
    assert insert(ToolKey(kid="k", public_jwk={}, activates_at=NOW)).created_at is not None


def test_what_the_database_refuses_is_refused(course):
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(PlatformUser(registration=course.registration, sub="5"))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(PlatformUser(registration=course.registration, sub=""))


def test_a_row_that_is_there_already_is_left_alone_and_nothing_breaks(course):
    own = {"registration": course.registration, "sub": "77"}
    assert insert_unless_there(PlatformUser(name="Lin", **own)) is True
    assert insert_unless_there(PlatformUser(name="Somebody", **own)) is False
    assert list(PlatformUser.objects.filter(sub="77").values_list("name", flat=True)) == ["Lin"]


def test_an_update_writes_the_named_fields_only(course):
    lin = course.lin
    lin.name, lin.email = "Lin Li", "lin@example.org"
    update(lin, "name")
    stored = PlatformUser.objects.get(pk=lin.pk)
    assert (stored.name, stored.email == "lin@example.org") == ("Lin Li", False)


def test_an_update_keeps_kinds_of_values(course):
    row = login(course)
    insert(row)
    row.expires_at = NOW.replace(hour=13)
    update(row, "expires_at", "nonce")
    assert Login.objects.get(pk=row.pk).expires_at == NOW.replace(hour=13)


def test_an_update_of_a_row_that_is_gone_says_so(course):
    lin = PlatformUser.objects.create(registration=course.registration, sub="78")
    PlatformUser.objects.filter(pk=lin.pk).delete()
    with pytest.raises(DatabaseError):
        update(lin, "name")
