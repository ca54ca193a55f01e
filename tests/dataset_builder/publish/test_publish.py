"""Publishing to a Hub: what arrives, in which order, who may see it, and what is sent again."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from huggingface_hub import HfApi

from dataset_builder.errors import DatasetError
from dataset_builder.publish import run_publish
from dataset_builder.writer import write_dataset
from hub_cards.dataset_card import write_card


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def on_hub(repository) -> dict[str, bytes]:
    return {path: content for path, content in repository.head.items() if path != ".gitattributes"}


def add_sentence(folder: Path) -> None:
    card = folder / "README.md"
    card.write_text(card.read_text(encoding="utf-8") + "\nOne more sentence.\n", encoding="utf-8")


def large(folder: Path) -> list[str]:
    """Paths of the files that go to the storage, each with content of its own."""
    return sorted(path for path in bytes_of(folder) if path.endswith((".parquet", ".jpg")))


def test_what_is_published_is_the_folder(hub, client, folder, settings, names, tmp_path, capsys):
    run_publish(settings(folder, revision="v1.0"))
    assert hub.repositories[names.repo].gated is False and hub.repositories[names.repo].private is False
    # the real client, as anyone: without a token
    snapshot = HfApi(token=False).snapshot_download(
        names.repo, repo_type="dataset", revision="v1.0", local_dir=tmp_path / "got"
    )
    got = {path: content for path, content in bytes_of(Path(snapshot)).items() if not path.startswith(".")}
    assert got == bytes_of(folder)
    printed = capsys.readouterr().out
    assert f"{hub.url}/datasets/{names.repo}/tree/v1.0" in printed
    assert f'load_dataset("{names.repo}", revision="v1.0")' in printed


def test_all_becomes_visible_in_one_commit_after_all_content_was_sent(hub, client, folder, settings, names):
    heads = []
    hub.before_commit = lambda: heads.append((set(hub.repositories[names.repo].head), len(hub.uploads)))
    run_publish(settings(folder))
    assert heads == [({".gitattributes"}, len(large(folder)))]
    (operations,) = hub.repositories[names.repo].operations
    assert sorted(path for kind, path in operations if kind == "lfsFile") == large(folder)
    assert [path for kind, path in operations[-2:]] == ["statistics.json", "README.md"]
    assert sorted(path for _, path in operations) == sorted(bytes_of(folder))
    assert [path.split("/")[5] for _, path in hub.writes[-2:]] == ["commit", "tag"]


def test_the_tag_is_made_from_the_content(hub, client, folder, settings, names):
    run_publish(settings(folder))
    made = hub.repositories[names.repo]
    (first,) = made.tags
    assert first.startswith("v2-")
    run_publish(settings(folder))
    assert list(made.tags) == [first] and len(made.operations) == 1
    add_sentence(folder)
    run_publish(settings(folder))
    tags = made.tags
    assert len(tags) == 2 and len(set(tags.values())) == 2
    assert made.operations[1] == [("file", "README.md")]


def test_only_what_changed_is_sent_and_what_is_gone_is_deleted_with_the_card(
    hub, client, folder, settings, names, scenes, make_scene, rng, tmp_path
):
    run_publish(settings(folder))
    made = hub.repositories[names.repo]
    stale = "data/object_count/train-00001-of-00002.parquet"
    made.commit({**made.commits[made.branches["main"]], stale: (b"PAR1 of an older version", True)})
    hub.uploads.clear()
    # one more scene in the test split of one config
    more = make_scene("room_9", "test", rng)
    more.rows[:] = [row for row in more.rows if row["task"] == "object_count"]
    newer = tmp_path / "newer"
    write_dataset(newer, [*scenes[:6], more], run={"seed": 0})
    write_card(newer)
    changed = {path for path, content in bytes_of(newer).items() if content != bytes_of(folder).get(path)}
    shard = "data/object_count/test-00000-of-00001.parquet"
    assert {shard, "statistics.json", "README.md"} <= changed
    assert not [path for path in changed if path.endswith(".parquet") and path != shard]

    run_publish(settings(newer))
    sent = {path for path in changed if path in large(newer)}
    assert sorted(hub.uploads) == sorted(hashlib.sha256((newer / path).read_bytes()).hexdigest() for path in sent)
    assert {path: kind for kind, path in made.operations[1]} == {
        stale: "deletedFile",
        **{path: "lfsFile" if path in sent else "file" for path in changed},
    }
    assert made.operations[1][-1] == ("file", "README.md")
    assert on_hub(made) == bytes_of(newer)


def test_load_dataset_reads_it_from_the_hub(hub, client, folder, settings, names, environment):
    run_publish(settings(folder, revision="v1.0"))
    code = (
        "from datasets import load_dataset\n"
        f"d = load_dataset({names.repo!r}, 'object_count', split='test', revision='v1.0')\n"
        "print(len(d), d[0]['images'][0].size)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = json.loads((folder / "statistics.json").read_text(encoding="utf-8"))["configs"]["object_count"]["test"]
    assert done.stdout.split("\n")[-2] == f"{rows} (64, 48)"


class TestAccess:
    def test_terms_of_a_source_gate_the_repository_before_anything_is_sent(self, hub, client, bound, settings, names):
        seen = []
        hub.before_commit = lambda: seen.append(hub.repositories[names.repo].gated)
        run_publish(settings(bound))
        writes = [path for _, path in hub.writes]
        assert writes[:2] == ["/api/repos/create", f"/api/datasets/{names.repo}/settings"]
        assert seen == ["manual"] and hub.repositories[names.repo].gated == "manual"
        with pytest.raises(OSError, match="restricted"):
            HfApi(token=names.other_token).hf_hub_download(names.repo, "statistics.json", repo_type="dataset")

    def test_an_open_repository_is_gated_first_when_a_bound_source_joins(
        self, hub, client, folder, bound, settings, names
    ):
        run_publish(settings(folder))
        hub.requests.clear()
        run_publish(settings(bound))
        assert hub.writes[0] == ("PUT", f"/api/datasets/{names.repo}/settings")
        assert hub.repositories[names.repo].gated == "manual"

    def test_a_gate_of_the_owner_is_kept(self, hub, client, folder, bound, settings, repository):
        made = repository({})
        made.gated = "auto"
        run_publish(settings(bound))
        run_publish(settings(folder))  # no source asks for a gate any more
        assert made.gated == "auto" and not [path for _, path in hub.writes if path.endswith("settings")]

    def test_private(self, hub, client, folder, settings, names):
        run_publish(settings(folder, private=True))
        assert hub.repositories[names.repo].private
        run_publish(settings(folder))  # what exists keeps its visibility
        assert hub.repositories[names.repo].private

    def test_private_is_refused_for_a_public_repository(self, hub, client, folder, settings):
        run_publish(settings(folder))
        hub.requests.clear()
        with pytest.raises(DatasetError, match=r"is public already.*leave out `--private`"):
            run_publish(settings(folder, private=True))
        assert not hub.writes


class TestDryRun:
    def listing(self, capsys) -> dict[str, tuple[str, str]]:
        rows = [line.split("│")[1:-1] for line in capsys.readouterr().out.splitlines() if line.startswith("│")]
        return {name.strip(): (size.strip(), kind.strip()) for name, size, kind in rows}

    def test_without_a_token_for_a_repository_that_is_not_there(
        self, hub, client, folder, settings, monkeypatch, capsys
    ):
        monkeypatch.delenv("HF_TOKEN")
        run_publish(settings(folder, dry_run=True))
        found = self.listing(capsys)
        assert set(found) == set(bytes_of(folder)) and {kind for _, kind in found.values()} == {"new"}
        assert not hub.writes and not hub.repositories

    def test_without_a_token_for_a_public_repository(
        self, hub, client, folder, settings, names, monkeypatch, capsys, repository
    ):
        run_publish(settings(folder))
        made = hub.repositories[names.repo]
        changed = "data/object_count/test-00000-of-00001.parquet"
        lost = "data/object_count/train-00000-of-00001.parquet"
        files = dict(made.commits[made.branches["main"]])
        size = len(files[changed][0])
        files[changed] = (bytes(size), True)  # same size, other content
        files["README.md"] = (files["README.md"][0].swapcase(), False)
        files["notes.txt"] = (b"x" * 1234, False)
        del files[lost]
        made.commit(files)
        before = (dict(made.commits), dict(made.branches), dict(made.tags))
        hub.requests.clear()
        capsys.readouterr()
        monkeypatch.delenv("HF_TOKEN")
        run_publish(settings(folder, dry_run=True, revision="v2"))
        found = {name: kind for name, (_, kind) in self.listing(capsys).items()}
        expected = dict.fromkeys(bytes_of(folder), "unchanged")
        assert found == {**expected, changed: "changed", "README.md": "changed", lost: "new", "notes.txt": "deleted"}
        assert not hub.writes and before == (made.commits, made.branches, made.tags)

    def test_sizes(self, hub, client, folder, settings, capsys, repository):
        repository({"statistics.json": b'{"format": "spatialmosaic"}', "notes.txt": b"x" * 1234})
        run_publish(settings(folder, dry_run=True))
        found = self.listing(capsys)
        assert found["notes.txt"] == ("1.2 kB", "deleted")
        size = (folder / "statistics.json").stat().st_size
        assert found["statistics.json"] == (f"{size / 1000:.1f} kB", "changed")


class TestInterruption:
    def test_a_server_that_fails_then_the_rest(self, hub, client, folder, settings, names):
        hub.fail_uploads_after = 5
        with pytest.raises(DatasetError, match=r"answered 500.*run again: what the Hub has already is not sent again"):
            run_publish(settings(folder))
        made = hub.repositories[names.repo]
        assert set(made.head) == {".gitattributes"} and not made.tags  # nothing half-published
        assert len(hub.uploads) == 5
        hub.fail_uploads_after = None
        run_publish(settings(folder))
        assert len(hub.uploads) == len(set(hub.uploads)) == len(large(folder))
        assert on_hub(made) == bytes_of(folder) and len(made.tags) == 1

    def test_a_kill_then_the_rest(self, hub, folder, names, environment):
        command = [sys.executable, "-m", "spatialmosaic_cli.main", "publish", str(folder), "--repo", names.repo]
        hub.fail_uploads_after, hub.failure = 6, "hang"
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        assert hub.hanging.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        hub.release.set()
        made = hub.repositories[names.repo]
        assert set(made.head) == {".gitattributes"} and len(hub.uploads) == 6
        hub.fail_uploads_after = None
        done = subprocess.run(command, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert len(hub.uploads) == len(set(hub.uploads)) == len(large(folder))
        assert on_hub(made) == bytes_of(folder)

    def test_a_stop_before_the_tag(self, hub, client, folder, settings, names):
        run_publish(settings(folder, revision="v1.0"))
        made = hub.repositories[names.repo]
        made.tags.clear()
        hub.requests.clear()
        run_publish(settings(folder, revision="v1.0"))
        assert made.tags == {"v1.0": made.branches["main"]}
        assert [path for _, path in hub.writes] == [f"/api/datasets/{names.repo}/tag/{made.branches['main']}"]

    def test_someone_else_commits_meanwhile(self, hub, client, folder, settings, names):
        run_publish(settings(folder))
        made = hub.repositories[names.repo]
        add_sentence(folder)
        hub.before_commit = lambda: made.commit(
            {**made.commits[made.branches["main"]], "statistics.json": (b'{"format": "spatialmosaic"}', False)}
        )
        with pytest.raises(DatasetError, match=r"answered 412.*Run again to see the new plan"):
            run_publish(settings(folder))
        assert made.head["statistics.json"] == b'{"format": "spatialmosaic"}' and len(made.tags) == 1

    @pytest.mark.parametrize("name", ["README.md", "data/object_count/test-00000-of-00001.parquet"])
    def test_a_file_that_changes_after_the_check(self, hub, client, folder, settings, names, monkeypatch, name):
        def whoami(api):
            with (folder / name).open("ab") as file:
                file.write(b"more")

        monkeypatch.setattr(HfApi, "whoami", whoami)
        with pytest.raises(DatasetError, match=rf"{name} was changed while it was sent; nothing is published"):
            run_publish(settings(folder))
        assert set(hub.repositories[names.repo].head) == {".gitattributes"}

    def test_a_file_that_the_hub_lost_gets_no_tag(self, hub, client, folder, settings, names, monkeypatch):
        send = HfApi.create_commit

        def lossy(api, repo_id, operations, **more):
            kept = [of for of in operations if of.path_in_repo != "statistics.json"]
            return send(api, repo_id, kept, **more)

        monkeypatch.setattr(HfApi, "create_commit", lossy)
        with pytest.raises(DatasetError, match=r"does not hold what was sent: statistics.json differs .* got no tag"):
            run_publish(settings(folder))
        assert not hub.repositories[names.repo].tags


def test_a_folder_that_is_copied_has_the_same_tag(hub, client, folder, settings, names, tmp_path):
    other = Path(shutil.copytree(folder, tmp_path / "elsewhere" / "copy"))
    run_publish(settings(folder))
    run_publish(settings(other))
    assert len(hub.repositories[names.repo].tags) == 1
