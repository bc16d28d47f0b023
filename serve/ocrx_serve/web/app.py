"""The routes of the service."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ocrx.errors import OcrxError
from ocrx.version import VERSION
from ocrx_serve.pages import Failed
from ocrx_serve.problems import NotThere, WrongKey, headers_of, problem, status_of
from ocrx_serve.web import openapi
from ocrx_serve.web.answers import line_of, lines, media_type
from ocrx_serve.web.catalogue import catalogue, runtimes
from ocrx_serve.web.outer import CLIENT_LEFT, Outer
from ocrx_serve.web.previews import show
from ocrx_serve.web.service import Service

PAGE = Path(__file__).parents[1] / "page"


def make_app(service: Service) -> FastAPI:
    """The service as an ASGI application, which closes the service when it ends."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await service.close()

    app = FastAPI(
        title="ocrx",
        version=VERSION,
        description="Reads the text in pictures and documents.",
        lifespan=lifespan,
        docs_url=None,  # both pages fetch scripts from elsewhere
        redoc_url=None,
    )
    app.add_exception_handler(OcrxError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(ClientDisconnect, _left)
    authorised = Depends(_key_check(service.rules.key))
    _add_state(app, service)
    _add_reading(app, service, authorised)
    _add_choices(app, service, authorised)

    app.mount("/page", StaticFiles(directory=PAGE))
    if service.rules.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=service.rules.origins,
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Ocrx-Failed", "Ocrx-Errors", "Ocrx-Pages", "Retry-After"],
        )
    app.add_middleware(Outer, metrics=service.metrics)
    return app


def _add_state(app: FastAPI, service: Service) -> None:
    """The routes that need no key."""

    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": VERSION}

    async def readyz() -> JSONResponse:
        ready = not service.admission.full
        return JSONResponse({"ready": ready}, 200 if ready else 503)

    async def page() -> FileResponse:
        return FileResponse(PAGE / "index.html", headers={"Cache-Control": "no-cache"})

    app.add_api_route("/", page, include_in_schema=False)
    app.add_api_route("/healthz", healthz, summary="Whether the process runs", tags=["state"])
    app.add_api_route("/readyz", readyz, summary="Whether requests are let in", tags=["state"])


def _add_reading(app: FastAPI, service: Service, authorised: Depends) -> None:
    """The routes that read."""

    async def read(request: Request) -> Response:
        return await _read(service, request)

    async def stream(request: Request) -> Response:
        return await _stream(service, request)

    async def preview(request: Request) -> Response:
        return await show(service, request)

    posted = {
        "methods": ["POST"],
        "dependencies": [authorised],
        "tags": ["reading"],
        "responses": openapi.PROBLEMS,
    }
    options = {"openapi_extra": openapi.reading(service.options)}
    app.add_api_route("/v1/read", read, summary="Read it all", **posted, **options)
    app.add_api_route(
        "/v1/read/stream", stream, summary="A line of JSON for each page", **posted, **options
    )
    app.add_api_route("/v1/preview", preview, summary="Show a page as a JPEG", **posted)


def _add_choices(app: FastAPI, service: Service, authorised: Depends) -> None:
    """The routes that say what there is, and what was done."""

    async def models() -> dict[str, Any]:
        found = await asyncio.to_thread(catalogue, service.registry)
        return {**found, "options": openapi.described(service.options)}

    looking: list[asyncio.Task[Any]] = []  # once, when it is first asked for

    async def installed() -> dict[str, Any]:
        if not looking:
            looking.append(asyncio.create_task(asyncio.to_thread(runtimes)))
        return {"runtimes": await asyncio.shield(looking[0])}

    async def metrics() -> Response:
        return Response(service.metrics.text(), media_type="text/plain; version=0.0.4")

    asked = {"dependencies": [authorised], "tags": ["state"]}
    app.add_api_route("/v1/models", models, summary="What there is to choose from", **asked)
    app.add_api_route("/v1/runtimes", installed, summary="Which runtimes are here", **asked)
    app.add_api_route("/metrics", metrics, summary="Figures for Prometheus", **asked)


def _key_check(key: str) -> Callable[[Request], None]:
    """Raises WrongKey for a request without the key, if there is one."""

    def check(request: Request) -> None:
        if key and not hmac.compare_digest(_key_of(request), key.encode()):
            raise WrongKey("the key is missing or wrong", "Send `Authorization: Bearer KEY`.")

    return check


async def _read(service: Service, request: Request) -> Response:
    async with service.job(request) as job:
        document = service.document(job.asked)
        async with aclosing(job.outcomes(keep_images=True)) as outcomes:
            async for outcome in outcomes:
                await document.add(outcome, len(job.uploads) > 1 or outcome.pages > 1)
        if document.failed and not document.written:
            return _answer(document.failed[0])
        content = await job.patience.wait(asyncio.to_thread(document.content))
    return Response(
        content,
        status_code=207 if document.failed else 200,
        media_type=media_type(job.asked.form, document.writer),
        headers=document.headers(),
    )


async def _stream(service: Service, request: Request) -> Response:
    async with AsyncExitStack() as stack:
        job = await stack.enter_async_context(service.job(request))
        outcomes = await stack.enter_async_context(aclosing(job.outcomes()))
        first = await anext(outcomes)
        if isinstance(first, Failed) and len(job.uploads) == first.pages == 1:
            return _answer(first)
        work = stack.pop_all()

    async def sent() -> AsyncIterator[bytes]:
        async with work:
            yield line_of(first)
            async for line in lines(outcomes):
                yield line

    return StreamingResponse(sent(), media_type="application/x-ndjson")


def _answer(failed: Failed) -> JSONResponse:
    """The answer where nothing could be read: the first error."""
    error = failed.error
    return JSONResponse({"error": failed.problem()}, status_of(error), headers_of(error))


def _refused(request: Request, error: OcrxError) -> JSONResponse:
    return JSONResponse({"error": problem(error)}, status_of(error), headers_of(error))


def _not_there(request: Request, error: HTTPException) -> JSONResponse:
    fault = NotThere(f"there is nothing to {request.method} here", "See /openapi.json.")
    return JSONResponse({"error": problem(fault)}, error.status_code)


def _left(request: Request, error: ClientDisconnect) -> Response:
    return Response(status_code=CLIENT_LEFT)


def _key_of(request: Request) -> bytes:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return (key.strip() if scheme.lower() == "bearer" else "").encode("latin-1")
