"""A server written in C#: its project file, its routes, what it reads, its tools."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ..audit.source import SourceFile, SourceTree
from .facts import Sighting, SignIn, Start, Survey
from .script_text import first_in, found_in
from .settings import GOOGLE, SIGNS, given, model_urls, once
from .start_files import started_by

WEB = re.compile(r'Sdk="Microsoft\.NET\.Sdk\.Web"')
READ = re.compile(r'GetEnvironmentVariable\(\s*"(\w+)"|(?:configuration|config)\w*\["(\w+)"\]', re.IGNORECASE)
NEEDED = re.compile(r'GetEnvironmentVariable\(\s*"(\w+)"\s*\)\s*(?:!|\?\?\s*throw)')
POST = re.compile(r'Map(?:Post|Methods)?\(\s*"(/[^"]*chat[^"]*)"|\[HttpPost\(\s*"(/[^"]*chat[^"]*)"', re.IGNORECASE)
HEALTH = re.compile(r'Map(?:HealthChecks|Get)\(\s*"(/[\w/-]*(?:health|healthz|ready|ping))"', re.IGNORECASE)
OWN_ADDRESS = re.compile(r'(?:app\.Run|UseUrls)\(\s*\$?"http')
FIXED_PORT = re.compile(r'(?:app\.Run|UseUrls)\(\s*"https?://[^":]*:(\d+)|ListenLocalhost\((\d+)')
FIXED_URL = re.compile(rf'"(https://{re.escape(GOOGLE)}[^"]*)"')
TOOL = re.compile(r'CreateFunctionTool\(\s*(?:functionName:\s*)?"([\w-]+)"|AIFunctionFactory\.Create\([^;]*?"([\w-]+)"')
BEARER = re.compile(r"AddJwtBearer|JwtSecurityTokenHandler|ValidateToken(?:Async)?\(")
COOKIE = re.compile(r'AddCookie\(|Cookies\["([\w-]+)"\]|AddSession\(')


def survey_dotnet(tree: SourceTree) -> Survey:
    """What the files of a .NET project say."""
    files = [file for file in tree.of((".cs",)) if file.own]
    read = list(found_in(files, READ))
    urls = model_urls(read)
    names = {one.value for one in urls}
    return Survey(
        language=".NET",
        start=_start(tree) or started_by(tree),
        path=first_in(files, POST),
        base_urls=urls,
        fixed_url=None if urls else first_in(files, FIXED_URL),
        settings=once(
            [one for one in found_in(files, NEEDED) if one.value not in given() | names]
            + ([] if _has_address(files, read) else [Sighting(value="ASPNETCORE_URLS", place="every ASP.NET Core app")])
        ),
        port_fixed=first_in(files, FIXED_PORT),
        health=first_in(files, HEALTH),
        sign_in=_sign_in(files, read),
        tools=once(found_in(files, TOOL)),
    )


def _has_address(files: list[SourceFile], read: list[Sighting]) -> bool:
    return any(found.value == "PORT" for found in read) or first_in(files, OWN_ADDRESS) is not None


def _start(tree: SourceTree) -> Start | None:
    """`dotnet run` of the first web project."""
    for file in tree.files:
        if file.suffix == ".csproj" and WEB.search(file.text):
            folder = str(PurePosixPath(file.path).parent)
            return Start(command=("dotnet", "run", "--project", folder, "--no-launch-profile"), place=f"{file.path}:1")
    return None


def _sign_in(files: list[SourceFile], read: list[Sighting]) -> SignIn:
    secret = next((found.value for found in read if SIGNS.search(found.value)), "")
    if bearer := first_in(files, BEARER):
        return SignIn(auth="bearer", place=bearer.place, secret=secret)
    if cookie := first_in(files, COOKIE):
        return SignIn(auth="session" if "Session" in cookie.value else "cookie", place=cookie.place)
    return SignIn(auth="none")
