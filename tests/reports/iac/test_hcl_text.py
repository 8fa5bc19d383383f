import json
import os
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import hcl2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloudmigrate.domain.iac.hcl import Attribute, Block, Code, Encoded, Merged, Remark, Text
from reports.iac.hcl_text import hcl_text, quoted

TERRAFORM = shutil.which("terraform") or shutil.which("tofu")
HOSTILE = (
    "${path.module}",
    "%{ if true }x%{ endif }",
    "$${",
    "$$${a}",
    "%%{",
    "${",
    "a$",
    "a%",
    '"} resource "aws_iam_user" "x" {',
    "\\",
    "\\${a}",
    "line\nbreak\r\n\ttab",
    "\0\x1b\x7f\x85\u2028\u2029\ufeff\u202e",
    "<<EOF\nx\nEOF\n",
    "# // /* */",
    "é 日本 \N{FAMILY} \N{WOMAN}\u200d\N{WOMAN}",
    '${"${x}"}',
    "~}",
    "",
)
# What the specification of HCL says that escapes mean; written anew here.
ESCAPE = re.compile(r'\\(?:(["\\nrt])|u([0-9a-f]{4})|U([0-9a-f]{8}))|\$\$\{|%%\{')


def meant(written: str) -> str:
    """What a quoted string of HCL means, of which no part is an expression."""
    assert written[0] == written[-1] == '"'
    inner = written[1:-1]
    bare = ESCAPE.sub(" ", inner)  # a space: what stands on both sides of an escape is not beside one another
    assert '"' not in bare
    assert "\\" not in bare
    assert "${" not in bare
    assert "%{" not in bare

    def one(found: re.Match[str]) -> str:
        short, four, eight = found.groups()
        if short:
            return {"n": "\n", "r": "\r", "t": "\t"}.get(short, short)
        return chr(int(four or eight, 16)) if four or eight else found.group()[1:]

    return ESCAPE.sub(one, inner)


def readable(text: str) -> str:
    return "".join("\ufffd" if 0xD800 <= ord(char) < 0xE000 else char for char in text)


TEXTS = st.lists(
    st.one_of(st.sampled_from([*HOSTILE, "$", "%", "{", "}", '"', "\\", "\n"]), st.text(max_size=4)), min_size=1, max_size=5
).map("".join)


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(TEXTS, min_size=3, max_size=3))
@example(texts=["".join(HOSTILE), "\ud800", '"'])
@example(texts=["", "$${{", "%{%{"])
def test_what_a_parser_reads_of_any_text_is_that_text(texts: list[str]) -> None:
    first, second, third = texts
    body = (
        Attribute("plain", first),
        Attribute("map", {second: [third][0], "z": (first,)}),
        Attribute("mixed", Text((first, Code("x.y"), second, third))),
    )

    found = hcl2.loads(hcl_text([Remark(first), Block("locals", (), body)]))["locals"]

    assert len(found) == 1
    assert meant(found[0]["plain"]) == readable(first)
    read = {name if name == "z" else meant(name) if name[0] == '"' else name: value for name, value in found[0]["map"].items()}
    if second != "z":
        assert meant(read[readable(second)]) == readable(third)
    assert meant(read["z"][0]) == readable(first)
    before, _, after = found[0]["mixed"].partition("${x.y}") if first or second or third else ('"', "", '"')
    assert (meant(f'{before}"'), meant(f'"{after}')) == (readable(first), readable(second + third))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("arn:aws:s3:::${aws:username}/*", '"arn:aws:s3:::$${aws:username}/*"'),
        ('say "%{ x }"\n', r'"say \"%%{ x }\"\n"'),
        ("$${", '"$\\u0024{"'),
        ("\N{RIGHT-TO-LEFT OVERRIDE}é\N{PILE OF POO}", '"\\u202eé\N{PILE OF POO}"'),
        ("\U000e0001", '"\\U000e0001"'),
        ("cost 5$", '"cost 5$"'),
    ],
)
def test_text_is_written_as_people_write_it_and_else_by_numbers(text: str, written: str) -> None:
    assert quoted(text) == written


def test_where_text_and_expressions_meet_nothing_is_escaped_or_begun() -> None:
    assert hcl_text([Block("a", (), (Attribute("b", Text(("5$", Code("x")))),))]) == 'a {\n  b = "5\\u0024${x}"\n}\n'
    assert hcl_text([Block("a", (), (Attribute("b", Text(("$", "{x}"))),))]) == 'a {\n  b = "$${x}"\n}\n'
    assert hcl_text([Block("a", (), (Attribute("b", Text(("", Code("x"), ""))),))]) == "a {\n  b = x\n}\n"


ALIGNED = """\
# One remark
# and another

variable "a" {
}

resource "aws_x" "y" {
  a   = 1
  bcd = [1, -2]
  policy = jsonencode({
    Version = "2012-10-17"
    "a b"   = true
    Statement = [
      {
        Effect   = "Allow"
        Resource = x.arn
      },
      "last",
    ]
    "é:日" = null
    ab    = 1.5
  })
  empty      = {}
  long_name1 = []
  tags = merge(local.tags, {
    Name = "n"
  })
  z = merge({
    a = 1
    }, {
    b = 2
  })

  filter {
    name   = "n"
    values = ["v"]
  }

  filter {
    name = "m"
  }
}
"""
BLOCKS = (
    Remark("One remark"),
    Remark("and\nanother"),
    Block("variable", ("a",)),
    Block(
        "resource",
        ("aws_x", "y"),
        (
            Attribute("a", 1),
            Attribute("bcd", (1, -2)),
            Attribute(
                "policy",
                Encoded(
                    {
                        "Version": "2012-10-17",
                        "a b": True,
                        "Statement": ({"Effect": "Allow", "Resource": Code("x.arn")}, "last"),
                        "é:日": None,
                        "ab": 1.5,
                    }
                ),
            ),
            Attribute("empty", {}),
            Attribute("long_name1", ()),
            Attribute("tags", Merged((Code("local.tags"), {"Name": "n"}))),
            Attribute("z", Merged(({"a": 1}, {"b": 2}))),
            Block("filter", (), (Attribute("name", "n"), Attribute("values", ("v",)))),
            Block("filter", (), (Attribute("name", "m"),)),
        ),
    ),
)


def test_equals_signs_are_aligned_between_values_of_more_than_one_line() -> None:
    assert hcl_text(BLOCKS) == ALIGNED


def terraform(folder: Path, *words: str) -> str:
    env = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": str(folder / "rc")}
    (folder / "rc").touch()
    done = subprocess.run([str(TERRAFORM), *words], cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.skipif(TERRAFORM is None, reason="no terraform or tofu on PATH")
def test_terraform_formats_nothing_anew_and_reads_what_was_written(tmp_path: Path) -> None:
    (tmp_path / "format.tf").write_text(ALIGNED, encoding="utf-8")
    joined = tuple(Text((one, Code('"|"'), one)) for one in HOSTILE)
    outputs = (
        Block("output", ("plain",), (Attribute("value", HOSTILE),)),
        Block("output", ("keys",), (Attribute("value", {one: number for number, one in enumerate(HOSTILE)}),)),
        Block("output", ("joined",), (Attribute("value", joined),)),
    )
    (tmp_path / "outputs.tf").write_text(hcl_text(outputs), encoding="utf-8")
    assert terraform(tmp_path, "fmt", "-check", "-diff") == ""

    (tmp_path / "format.tf").unlink()
    terraform(tmp_path, "init")
    terraform(tmp_path, "apply", "-auto-approve")

    found = json.loads(terraform(tmp_path, "output", "-json"))
    normal = [unicodedata.normalize("NFC", one) for one in HOSTILE]
    assert found["plain"]["value"] == normal
    assert found["keys"]["value"] == {one: number for number, one in enumerate(normal)}
    assert found["joined"]["value"] == [f"{one}|{one}" for one in normal]
