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
            bodies = {"body": operation.get("requestBody", {}), **operation["responses"]}
            for name, body in bodies.items():
                for media_type, content in body.get("content", {}).items():
                    if not is_binary(media_type) and not is_shown(content, schemas):
                        yield f"{place}: {name} as {media_type}"


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
