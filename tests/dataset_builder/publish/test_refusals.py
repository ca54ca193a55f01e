"""What may not be published, and what the Hub does not let pass: told with its remedy, and nothing is written."""

import json
import socket

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import constants
from typer.testing import CliRunner

from dataset_builder.errors import DatasetError
from dataset_builder.publish import run_publish
from dataset_builder.publish_check import check_folder
from dataset_builder.publish_settings import PublishSettings
from dataset_builder.scene_rows import SceneRows
from dataset_builder.sources import terms_of
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card
from spatialmosaic_cli.main import app


SHARD = "data/object_count/test-00000-of-00001.parquet"
SCAN_SHARD = "data/object_count/train-00000-of-00001.parquet"


def edit_statistics(folder, change) -> None:
    path = folder / "statistics.json"
    statistics = json.loads(path.read_text(encoding="utf-8"))
    change(statistics)
    path.write_text(json.dumps(statistics), encoding="utf-8")


def rewrite(folder, name: str, table: pa.Table) -> None:
    """Replace a shard, and let the statistics know its size."""
    pq.write_table(table, folder / name)
    size = (folder / name).stat().st_size
    edit_statistics(folder, lambda statistics: statistics["files"][name].update(bytes=size))


def edit_card(folder, old: str, new: str) -> None:
    path = folder / "README.md"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def refused(hub, client, settings):
    """Publish a folder, for real and dry: both must be refused in the same words, before a word to the Hub."""

    def check(folder, match: str) -> None:
        for dry_run in (False, True):
            with pytest.raises(DatasetError, match=match):
                run_publish(settings(folder, dry_run=dry_run))
        assert not hub.requests and not hub.repositories

    return check


class TestFolder:
    def test_no_dataset(self, refused, tmp_path):
        refused(tmp_path / "nothing", r"is no dataset: .*statistics.json is missing. Make one")

    def test_other_format_version(self, refused, folder):
        edit_statistics(folder, lambda statistics: statistics.update(format_version=0))
        refused(folder, r"has the format \('spatialmosaic', 0\)")

    def test_no_card(self, refused, folder):
        (folder / "README.md").unlink()
        refused(folder, r"has no card: .*README.md is missing.*write_card")

    def test_missing_shard(self, refused, folder):
        (folder / SHARD).unlink()
        refused(folder, rf"{SHARD} is missing. Copy it again")

    def test_shard_that_the_statistics_lack_too(self, refused, folder):
        # as if the second of two shards had never been there
        name = SHARD.replace("of-00001", "of-00002")
        (folder / SHARD).rename(folder / name)
        edit_statistics(folder, lambda statistics: statistics["files"].update({name: statistics["files"].pop(SHARD)}))
        refused(folder, r"does not list all shards of data/object_count/test, of which there are 2")

    def test_shards_of_two_versions(self, refused, folder):
        extra = SHARD.replace("00000-of-00001", "00001-of-00002")
        (folder / extra).write_bytes((folder / SHARD).read_bytes())
        edit_statistics(folder, lambda statistics: statistics["files"].update({extra: statistics["files"][SHARD]}))
        refused(folder, r"does not list all shards of data/object_count/test, .* or others beside them")

    @pytest.mark.parametrize("name", ["data/object_count/train-00001-of-00002.parquet", "notes.txt", "data/a.jpg"])
    def test_file_that_is_not_listed(self, refused, folder, name):
        (folder / name).write_bytes(b"PAR1")
        refused(folder, rf"{name} is no file of this dataset.*move it elsewhere")

    def test_a_flipped_byte_of_an_image(self, refused, folder):
        path = next(folder.glob("data/object_count/test-*.parquet"))
        data = bytearray(path.read_bytes())
        data[data.index(b"\xff\xd9")] ^= 1  # the end of a photo, which no checksum of Parquet covers
        path.write_bytes(data)
        refused(folder, rf"{path.name} is not as it was written: its bytes have changed")

    def test_list_that_leaves_the_folder(self, refused, folder):
        (folder.parent / "secret.parquet").write_bytes(b"PAR1")
        edit_statistics(
            folder, lambda of: of["files"].update({"../secret.parquet": {"rows": 0, "bytes": 4, "sha256": ""}})
        )
        refused(folder, r"lists '../secret.parquet', which is no name of a data file")

    def test_size(self, refused, folder):
        size = (folder / SHARD).stat().st_size
        with (folder / SHARD).open("ab") as file:
            file.write(b"x")
        refused(folder, rf"{SHARD} has {size + 1} bytes, but statistics.json says {size}\. Copy it again")

    def test_rows(self, refused, folder):
        rows = pq.read_table(folder / SHARD)
        rewrite(folder, SHARD, rows.slice(1))
        refused(folder, rf"{SHARD} has {len(rows) - 1} rows, but statistics.json says {len(rows)}\. Copy it again")

    def test_counts_that_disagree(self, refused, folder):
        edit_statistics(folder, lambda statistics: statistics.update(rows=statistics["rows"] + 1))
        refused(folder, r"but its files add up to")

    @pytest.mark.parametrize("lost", ["files", "rows", "configs", "sources"])
    def test_statistics_without_a_count(self, refused, folder, lost):
        edit_statistics(folder, lambda statistics: statistics.pop(lost))
        refused(folder, rf"lacks a count of the writer .*{lost}")

    @pytest.mark.parametrize("where", [4, 0.3, -20])
    def test_damaged_bytes(self, refused, folder, where):
        """Overwritten at the start, in the pages of the text, in the footer; the size stays."""
        content = bytearray((folder / SHARD).read_bytes())
        column = pq.read_metadata(folder / SHARD).row_group(0).column(0)
        start = column.dictionary_page_offset if where == 0.3 else where % len(content)
        content[start : start + 12] = b"\xff" * 12
        (folder / SHARD).write_bytes(content)
        refused(folder, rf"{SHARD} is not readable as Parquet")

    def test_cut_short(self, refused, folder):
        (folder / SHARD).write_bytes((folder / SHARD).read_bytes()[:-100])
        size = (folder / SHARD).stat().st_size
        edit_statistics(folder, lambda statistics: statistics["files"][SHARD].update(bytes=size))
        refused(folder, rf"{SHARD} is not readable as Parquet")

    def test_mixed_schema_versions(self, refused, folder):
        rows = pq.read_table(folder / SHARD)
        rewrite(folder, SHARD, rows.rename_columns(["key" if name == "id" else name for name in rows.column_names]))
        refused(folder, rf"{SHARD} has the columns key, .*, not those of a row. Generate")

    def test_other_type_of_a_column(self, refused, folder):
        rows = pq.read_table(folder / SHARD)
        k = rows.column_names.index("overlap_avg")
        rewrite(folder, SHARD, rows.set_column(k, "overlap_avg", rows["overlap_avg"].cast(pa.float64())))
        refused(folder, rf"{SHARD} has columns of other types than a row: another version wrote it")

    def test_rows_of_another_config(self, refused, folder):
        other = SHARD.replace("object_count", "best_view_selection")
        rows = pq.read_table(folder / SHARD)
        rewrite(folder, SHARD, pq.read_table(folder / other).slice(0, len(rows)))
        refused(folder, rf"{SHARD} holds rows of best_view_selection\. A file holds the rows of its config alone")


class TestCard:
    def test_configs_of_another_dataset(self, refused, folder):
        edit_card(folder, "data/object_count/test-*.parquet", "data/object_count/dev-*.parquet")
        refused(folder, r"does not give config 'object_count' its files.*write_card")

    @pytest.mark.parametrize("text", ["# A dataset\n", "---\nconfigs: [\n---\n", "---\nconfigs: 3\n---\n"])
    def test_yaml(self, refused, folder, text):
        (folder / "README.md").write_text(text, encoding="utf-8")
        refused(folder, r"has no readable configs")

    def test_metadata_that_the_hub_refuses(self, hub, client, folder, settings, names):
        edit_card(folder, "license: apache-2.0", "license: apache-2.0\nbase: datasets/x")
        with pytest.raises(DatasetError, match=r"answered 400 \(\"datasets\" is not .*\)\. Put that right\. Then run"):
            run_publish(settings(folder))
        assert set(hub.repositories[names.repo].head) == {".gitattributes"}

    def test_licence(self, refused, folder):
        edit_card(folder, "license: apache-2.0", "license: mit")
        refused(folder, r"states the licence 'mit', but the terms of procedural ask for 'apache-2.0'")

    def test_licence_of_a_bound_source(self, refused, bound):
        edit_card(bound, "license: other", "license: apache-2.0")
        refused(bound, r"states the licence 'apache-2.0', but the terms of procedural, scannetpp ask for 'other'")

    def test_terms_that_readers_would_not_see(self, refused, bound):
        edit_card(bound, "extra_gated_prompt", "extra_prompt")
        refused(bound, r"no `extra_gated_prompt`, so readers .* without having seen the terms of scannetpp\.")

    def test_the_owner_states_the_licence_of_an_own_source(self, scene, tmp_path):
        for row in scene.rows:
            row["dataset"] = "my_flat"
        write_dataset(tmp_path / "mine", [scene])
        write_card(tmp_path / "mine")
        edit_card(tmp_path / "mine", "license: other", "license: cc-by-4.0")
        assert check_folder(tmp_path / "mine").gated_sources == ()


class TestPixels:
    """Photos of a source whose terms keep them; the statistics tell of them, or lie."""

    @pytest.fixture(params=["scannetpp", "waymo"])
    def spoiled(self, request, scenes, tmp_path):
        """A dataset like `bound`, but its scan kept the photos; the statistics do not hide it."""
        assert not terms_of(request.param).pixels
        scan = scenes[-1]
        images = dict(zip(scan.rows[0]["frames"], scenes[0].images.values(), strict=False))
        rows = [{**row, "dataset": request.param} for row in scan.rows]
        write_dataset(tmp_path / "spoiled", [*scenes[:6], SceneRows("5f99900f09", "train", rows, images)])
        write_card(tmp_path / "spoiled")
        return tmp_path / "spoiled", request.param

    def test_in_the_statistics_and_the_files(self, refused, spoiled):
        folder, source = spoiled
        refused(folder, rf"holds photos of scene '5f99900f09'. The terms of '{source}' do not let .* `--no-pixels`")

    def test_in_the_files_alone(self, refused, spoiled):
        folder, source = spoiled
        edit_statistics(folder, lambda statistics: statistics["sources"][source].update(scenes_with_pixels=0))
        refused(folder, rf"holds photos of scene '5f99900f09'. The terms of '{source}' do not let")

    def test_in_one_row_alone(self, refused, bound):
        """A single row of many gets a photo; the statistics know nothing."""
        rows = pq.read_table(bound / SCAN_SHARD).to_pylist()
        last = max(k for k, row in enumerate(rows) if row["dataset"] == "scannetpp")
        photo = next(row["images"][0] for row in rows if row["images"])
        rows[last]["images"] = [photo] * len(rows[last]["frames"])
        schema = pq.read_schema(bound / SCAN_SHARD)
        rewrite(bound, SCAN_SHARD, pa.Table.from_pylist(rows, schema=schema))
        refused(bound, rf"{SCAN_SHARD} holds photos of scene '5f99900f09'")

    def test_under_the_name_of_another_source(self, refused, spoiled):
        """Statistics that call the scan procedural do not help, the rows still name it."""
        folder, source = spoiled

        def rename(statistics):
            scan = statistics["sources"].pop(source)
            for key, count in scan.items():
                statistics["sources"]["procedural"][key] += count

        edit_statistics(folder, rename)
        edit_card(folder, "license: other", "license: apache-2.0")
        refused(folder, rf"The terms of '{source}' do not let")

    @pytest.mark.parametrize("change", [{"rows": 11}, {"scenes": 2}, {"scenes_with_pixels": 1}])
    def test_statistics_that_count_other_sources(self, refused, bound, change):
        edit_statistics(bound, lambda statistics: statistics["sources"]["scannetpp"].update(change))
        refused(bound, r"says of its sources .*, but the files hold")

    def test_picture_of_the_card(self, refused, bound, scenes):
        """A picture that cannot be drawn from what may be passed on."""
        picture = bound / "pictures" / "object_count.jpg"
        picture.parent.mkdir(exist_ok=True)
        picture.write_bytes(next(iter(scenes[0].images.values())))
        refused(bound, r"object_count.jpg was not drawn from the photos in this dataset.* Delete it")


class TestRepository:
    def refuse(self, hub, settings, folder, match: str, **more):
        """The refusal comes with nothing written."""
        hub.requests.clear()
        for dry_run in (True, False):
            with pytest.raises(DatasetError, match=match):
                run_publish(settings(folder, dry_run=dry_run, **more))
        assert not hub.writes

    @pytest.mark.parametrize(
        ("files", "found"),
        [
            ({"train.csv": b"a,b\n1,2\n"}, r"it holds 'train.csv' and no statistics.json"),
            ({"README.md": b"# Mine\n"}, r"it holds 'README.md'"),
            ({"statistics.json": b'{"format": "other"}'}, r"its statistics.json is not of this project"),
            ({"statistics.json": b"[1, 2"}, r"its statistics.json is not of this project"),
        ],
    )
    def test_of_other_content(self, hub, client, folder, settings, repository, files, found):
        made = repository(files)
        self.refuse(hub, settings, folder, rf"ada/mosaic is not empty and no dataset of this project: {found}")
        assert {path: made.head[path] for path in files} == files

    def test_empty(self, hub, client, folder, settings, repository):
        made = repository({})
        run_publish(settings(folder, revision="v1.0"))
        assert "README.md" in made.head and ("POST", "/api/repos/create") not in hub.writes

    def test_tag_with_other_content(self, hub, client, folder, settings, names):
        run_publish(settings(folder, revision="v1.0"))
        tags = dict(hub.repositories[names.repo].tags)
        edit_card(folder, "# SpatialMosaic", "# Mosaic")
        self.refuse(hub, settings, folder, r"has the tag 'v1.0' for other content.*README.md differs", revision="v1.0")
        assert hub.repositories[names.repo].tags == tags
        run_publish(settings(folder, revision="v1.1"))
        assert hub.repositories[names.repo].tags["v1.0"] == tags["v1.0"]

    def test_tag_with_the_name_of_a_branch(self, hub, client, folder, settings, repository):
        repository({})
        self.refuse(hub, settings, folder, r"has a branch 'main', so a tag would be ambiguous", revision="main")


class TestConnection:
    def test_no_token(self, hub, client, folder, settings, monkeypatch):
        monkeypatch.delenv("HF_TOKEN")
        with pytest.raises(
            DatasetError, match=r"needs a token that may write, and none was found. Run `hf auth login`"
        ):
            run_publish(settings(folder))
        assert not hub.requests

    def test_token_that_the_hub_does_not_know(self, hub, client, folder, settings, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "hf_outofdate")
        for dry_run in (False, True):
            with pytest.raises(DatasetError, match=r"answered 401 .*The token is not valid") as caught:
                run_publish(settings(folder, dry_run=dry_run))
            assert "hf_outofdate" not in str(caught.value)
        assert not hub.writes

    @pytest.mark.parametrize("exists", [False, True])
    @pytest.mark.parametrize("who", ["read_token", "other_token"])
    def test_token_that_may_not_write(
        self, hub, client, folder, settings, names, monkeypatch, repository, exists, who
    ):
        made = repository({}) if exists else None
        monkeypatch.setenv("HF_TOKEN", getattr(names, who))
        with pytest.raises(DatasetError, match=r"answered 403 .*may not do this with ada/mosaic") as caught:
            run_publish(settings(folder))
        assert getattr(names, who) not in str(caught.value)
        assert not hub.uploads and (set(made.head) == {".gitattributes"} if exists else not hub.repositories)

    def test_private_repository_of_another(self, hub, client, folder, settings, names, monkeypatch, repository):
        repository({}, private=True)
        monkeypatch.setenv("HF_TOKEN", names.other_token)
        with pytest.raises(DatasetError, match=r"answered 403"):
            run_publish(settings(folder))

    def test_token_that_is_no_header(self, hub, client, folder, settings, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "hf_secret\u20actoken")
        with pytest.raises(DatasetError, match=r"cannot be reached or used") as caught:
            run_publish(settings(folder))
        assert "secret" not in str(caught.value) and caught.value.__suppress_context__

    def test_token_that_the_hub_sends_back(self, hub, client, folder, settings, monkeypatch):
        monkeypatch.setenv("HF_TOKEN", "hf_outofdate")
        hub.unknown_status, hub.unknown_token = 403, "Invalid credentials: {token}"
        with pytest.raises(DatasetError, match=r"answered \d+ \(Invalid credentials: <token>\)"):
            run_publish(settings(folder, dry_run=True))

    def test_no_network(self, hub, client, folder, settings, monkeypatch):
        with socket.socket() as unused:  # bound, but nobody listens: the connection is refused
            unused.bind(("127.0.0.1", 0))
            monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{unused.getsockname()[1]}")
            for dry_run in (False, True):
                with pytest.raises(DatasetError, match=r"cannot be reached or used \(ConnectError.*Check the network"):
                    run_publish(settings(folder, dry_run=dry_run))

    def test_offline(self, hub, client, folder, settings, monkeypatch):
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        with pytest.raises(DatasetError, match=r"cannot be reached or used \(OfflineModeIsEnabled.*HF_HUB_OFFLINE"):
            run_publish(settings(folder))


class TestSettings:
    @pytest.mark.parametrize(
        "repo", ["mosaic", "a/b/c", "datasets/ada/mosaic", "ada/mo saic", "ada/..", "ada/", "/mosaic"]
    )
    def test_repository(self, tmp_path, repo):
        with pytest.raises(ValueError, match=r"user/name|[Rr]epo id"):
            PublishSettings(folder=tmp_path, repo=repo)

    @pytest.mark.parametrize("revision", ["", "a b", "refs/heads/x", "../main", "-v1", "v1..2", "v1.", "v1.lock"])
    def test_revision(self, tmp_path, revision):
        with pytest.raises(ValueError, match=r"`revision` must be a plain name for a git tag"):
            PublishSettings(folder=tmp_path, repo="ada/mosaic", revision=revision)


class TestCommand:
    def test_exit_codes_and_the_token(self, hub, client, folder, names, monkeypatch):
        good = ["publish", str(folder), "--repo", names.repo]
        done = CliRunner().invoke(app, good)
        assert done.exit_code == 0, done.output
        assert CliRunner().invoke(app, [*good[:3], "mosaic"]).exit_code == 2
        (folder / SHARD).unlink()
        done = CliRunner().invoke(app, good)
        assert done.exit_code == 2 and "is missing" in done.output and "Traceback" not in done.output
        assert names.write_token not in done.output

    def test_dry_run(self, hub, client, folder, names):
        done = CliRunner().invoke(app, ["publish", str(folder), "--repo", names.repo, "--dry-run"])
        assert done.exit_code == 0 and SHARD in done.output and "nothing was changed" in done.output
        assert not hub.writes
