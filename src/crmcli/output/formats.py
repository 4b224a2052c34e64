"""The names of the formats that results are written in, apart from the writing: the help of every option needs them."""

FORMATS = ("table", "json", "jsonl", "csv", "tsv", "ids", "md")
RECEIPT = ("table", "json")  # lines for people, or one object
WITHOUT_REFS = tuple(name for name in FORMATS if name != "ids")  # of things that no ref names
