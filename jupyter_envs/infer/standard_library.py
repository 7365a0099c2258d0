"""Modules that Python itself has, or had."""

from __future__ import annotations

import sys

_LAST = {
    "3.7": "macpath",
    "3.9": "formatter parser symbol",
    "3.10": "binhex",
    "3.11": "asynchat asyncore distutils imp smtpd",
    "3.12": "aifc audioop cgi cgitb chunk crypt imghdr lib2to3 mailcap msilib nis nntplib ossaudiodev pipes sndhdr spwd"
    " sunau telnetlib uu xdrlib",
}
LAST = {name: python for python, names in _LAST.items() for name in names.split()}
"""Module -> the last Python that has it."""
_PYTHON_2 = """
BaseHTTPServer ConfigParser Cookie HTMLParser Queue SimpleHTTPServer SocketServer StringIO Tkinter UserDict __builtin__
cPickle cStringIO commands cookielib exceptions htmlentitydefs httplib ihooks md5 sets sha tkFileDialog tkMessageBox
urllib2 urlparse
"""
PYTHON_2 = frozenset(_PYTHON_2.split())


def in_standard_library(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or top in LAST or top in PYTHON_2


def last_python(module: str) -> str | None:
    """The last one that has it; None while all have."""
    return LAST.get(module.partition(".")[0])
