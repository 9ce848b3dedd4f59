# The original single service of the deployment guide: it always migrates, then starts uvicorn, whatever SERVICE_TYPE says. No
# worker comes with it, so what it accepts stays queued; deploy Dockerfile.railway. Its stages are those of that file.
ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS uv
ARG UV_VERSION=0.13.9
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --no-cache-dir "uv==${UV_VERSION}"

# Which versions of what the roles need from others; nothing of what only the harness needs.
FROM uv AS requirements
WORKDIR /build
COPY pyproject.toml constraints.txt ./
RUN /opt/uv/bin/uv pip compile --quiet --no-header --no-annotate --constraint constraints.txt --group service \
    --group telemetry --output-file requirements.txt

# They themselves, compiled: made again only when one of those versions has changed.
FROM uv AS dependencies
COPY --from=requirements /build/requirements.txt /build/
RUN /opt/uv/bin/uv venv --quiet --python "$(command -v python)" /venv \
 && PYC_INVALIDATION_MODE=UNCHECKED_HASH /opt/uv/bin/uv pip install --quiet --no-cache --no-deps --compile-bytecode \
    --python /venv/bin/python --requirement /build/requirements.txt \
 && find /venv -depth -type d \( -name tests -o -name test -o -name _tests \) -exec rm -rf {} + \
 && find /venv -type f \( -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.c' -o -name '*.h' \) -delete

# Our own code, compiled: a container may write nothing beside it.
FROM ${PYTHON_IMAGE} AS code
COPY app /srv/app
COPY scripts /srv/scripts
RUN python -m compileall -q --invalidation-mode unchecked-hash /srv/app

FROM ${PYTHON_IMAGE}
RUN useradd --system --uid 10001 --home-dir /srv --no-create-home --shell /usr/sbin/nologin roadmap
COPY --from=dependencies /venv /venv
COPY --from=code /srv /srv
WORKDIR /srv
ENV PATH=/venv/bin:/usr/local/bin:/usr/bin:/bin
USER 10001
EXPOSE 8000
ENTRYPOINT ["dumb-init", "--single-child", "/srv/scripts/single_service.sh"]
# Last, for every build has another one. Railway gives the commit by this name to whatever declares it.
ARG VERSION=0.1.0
ARG RAILWAY_GIT_COMMIT_SHA=unknown
LABEL org.opencontainers.image.title="roadmap-harness" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${RAILWAY_GIT_COMMIT_SHA}"
