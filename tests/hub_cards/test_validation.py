"""The rules by which the other tests validate cards find what is wrong."""

import pytest
from huggingface_hub import DatasetCard


@pytest.mark.parametrize(
    ("yaml", "finding"),
    [
        ("license: apache", "license: 'apache'"),
        ("license: other", "license_name"),
        ("license: other\nlicense_name: My Terms", "license_name"),
        ("license: mit\nlicense_link: terms.txt", "license_link"),
        ("language: english", "language"),
        ("size_categories: n>1M", "size_categories"),
        ("task_categories:\n- spatial-reasoning", "task_categories"),
        ("extra_gated_fields:\n  Company: string", "extra_gated_fields"),
        ("configs:\n- data_files: data/*", "config_name"),
        ("configs:\n- config_name: a\n  default: true\n- config_name: b\n  default: true", "default configs"),
    ],
)
def test_a_broken_rule_is_found(hub, yaml, finding):
    with pytest.raises(ValueError, match=finding):
        DatasetCard(f"---\n{yaml}\n---\n\n# Title\n").validate()


def test_a_plain_card_is_valid(hub):
    DatasetCard("---\nlicense: mit\n---\n\n# Title\n").validate()
