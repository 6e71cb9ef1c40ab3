"""The page that visitors see, complete without a script; `static/js` takes over from there.

Imports `reading`, `writing`, `wire`, `text` and what `api` has for requests. Begin with `views.py`; the markup is in
`templates/comments`.
"""
