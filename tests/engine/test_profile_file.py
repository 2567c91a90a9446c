"""Profile files: found by name or by path, refused by name when they do not hold."""

import json

import pytest

from nautilus_exec.curves.volume_profile import static_us_equity
from nautilus_exec.errors import InvalidInput
from nautilus_exec.nautilus.profiles import find, load, save


def test_a_profile_is_found_by_name_in_its_catalog_and_by_path(tmp_path):
    path = tmp_path / "profiles" / "usual.json"
    save(static_us_equity(), path)
    assert find("usual", tmp_path) == static_us_equity()
    assert find(str(path)) == static_us_equity()
    with pytest.raises(InvalidInput, match="usual"):
        find("other", tmp_path)
    with pytest.raises(InvalidInput, match="no catalog"):
        find("usual")
    with pytest.raises(InvalidInput, match="a name of"):
        find("../usual", tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": "red"}, "colour"),
        ({"schema_version": 2}, "schema_version up to 1"),
        ({"fractions": [1.0]}, "fractions"),
        ({"days": "many"}, "days"),
    ],
)
def test_a_profile_file_that_does_not_hold_is_refused_by_name(tmp_path, change, words):
    path = tmp_path / "p.json"
    save(static_us_equity(), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(InvalidInput, match=words) as error:
        load(path)
    assert str(path) in str(error.value)


def test_a_file_that_is_missing_or_no_json_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="No such file"):
        load(tmp_path / "p.json")
    (tmp_path / "p.json").write_text("half a pro")
    with pytest.raises(InvalidInput, match="a profile file"):
        load(tmp_path / "p.json")
