"""What holds for every answer of the API, whatever was asked."""

from .answers import Answer, must

OF_DOCUMENTS = (
    "content-security-policy",
    "cross-origin-opener-policy",
    "permissions-policy",
    "referrer-policy",
    "x-frame-options",
)


def keeps_the_rules(method: str, path: str, answer: Answer) -> None:
    where = f"{method} {path[:60]}"
    must(answer.status < 500 or answer.status == 503, f"{where} answered {answer.status}")
    must("set-cookie" not in answer.headers, f"{where} sets a cookie")
    must("cookie" not in answer.headers.get("vary", "").lower(), f"{where} depends on a cookie")
    must(answer.headers.get("access-control-allow-origin") == "*", f"{where} cannot be read by other sites")
    must(answer.headers.get("x-content-type-options") == "nosniff", f"{where} may be taken for another type")
    if method != "OPTIONS":  # which only a browser asks
        of_documents = [name for name in OF_DOCUMENTS if name in answer.headers]
        must(not of_documents, f"{where} tells a program what protects documents: {of_documents}")
        must(answer.headers.get("cache-control"), f"{where} does not say who may keep it")
    if answer.status >= 400:
        _is_an_error_of_the_one_shape(where, answer, has_body=method != "HEAD")


def _is_an_error_of_the_one_shape(where: str, answer: Answer, has_body: bool) -> None:
    must(answer.headers.get("cache-control") == "no-store", f"{where}: an error may be kept")
    must(answer.headers.get("content-type") == "application/json", f"{where}: an error of another type")
    if not has_body:
        return
    error = answer.json()
    is_shaped = isinstance(error, dict) and {"error", "code"} <= set(error)
    must(is_shaped and isinstance(error["code"], str), f"{where}: an error of another shape: {answer.body[:80]!r}")
    must("Traceback" not in error["error"], f"{where}: an error tells of the inside")
