# Regulars in a container: docs/hosting.md says how to run it, compose.yaml with what around it.

FROM python:3.12-slim-trixie AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/regulars \
    && /opt/regulars/bin/pip install --only-binary=:all: -r /tmp/requirements.txt

FROM python:3.12-slim-trixie
# pg_dump and psql for backups; Debian 13 has those of PostgreSQL 17, the server in compose.yaml.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages /opt/regulars /opt/regulars
# The program belongs to root: whoever breaks into it cannot change it.
WORKDIR /srv/regulars
COPY app.py served.py requirements.txt LICENSE ./
COPY .streamlit/config.toml .streamlit/config.toml
COPY docker/backup.sh docker/backup.sh
COPY pages pages
COPY crm_core crm_core
ENV PATH=/opt/regulars/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data \
    XDG_CACHE_HOME=/data/cache \
    DATABASE_URL=sqlite:////data/regulars.sqlite
RUN python -m compileall -q app.py served.py pages crm_core \
    && mkdir -p /data /backups /inbox \
    && chown 10001:10001 /data /backups /inbox
VOLUME /data
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
ENTRYPOINT ["python", "-m", "crm_core"]
CMD ["serve", "--address", "0.0.0.0", "--port", "8501"]
