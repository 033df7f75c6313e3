"""Every parameter, body and answer of an OpenAPI document says by an example, or by its choices, what it is."""

import sys

import yaml


def main(paths: list[str]) -> None:
    found = [f"{path}: {place}" for path in paths for place in without_example(path)]
    if found:
        sys.exit("no example:\n" + "\n".join(found))


def without_example(path: str):
    with open(path, encoding="utf-8") as file:
        document = yaml.safe_load(file)
    schemas = document["components"]["schemas"]
    for route, operations in document["paths"].items():
        for method, operation in operations.items():
            place = f"{method} {route}"
            for parameter in operation.get("parameters", []):
                if not is_shown(parameter, schemas):
                    yield f"{place}: {parameter['name']}"
            # Of a request in several forms, one is enough: they say the same.
            forms = operation.get("requestBody", {}).get("content", {})
            if forms and not any(is_shown(form, schemas) for form in forms.values()):
                yield f"{place}: body"
            for status, answer in operation["responses"].items():
                for media_type, content in answer.get("content", {}).items():
                    if not is_binary(media_type) and not is_shown(content, schemas):
                        yield f"{place}: {status} as {media_type}"


def is_binary(media_type: str) -> bool:
    return media_type.endswith("sheet")


def is_shown(content: dict, schemas: dict) -> bool:
    if "example" in content or "examples" in content:
        return True
    schema = content["schema"]
    while "$ref" in schema or "items" in schema:
        schema = schema["items"] if "items" in schema else schemas[schema["$ref"].rsplit("/", 1)[1]]
    return any(key in schema for key in ("example", "enum", "default"))


if __name__ == "__main__":
    main(sys.argv[1:])
