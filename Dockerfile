# Regulars in a container: docs/hosting.md says how to run it, compose.yaml with what around it.

FROM python:3.13-slim-trixie AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv --without-pip /opt/regulars \
    && python -m pip --python /opt/regulars/bin/python install --only-binary=:all: -r /tmp/requirements.txt
# A quarter of it is never used: the packages' own tests, headers, clouds' storage, notebooks.
RUN cd /opt/regulars/lib/python3.13/site-packages \
    && rm -rf pydeck/nbextension plotly/labextension pyarrow/include \
        pyarrow/*flight* pyarrow/*s3* \
    && find . -type d -name tests -prune -exec rm -rf {} + \
    && find . -name "*.pyi" -o -name "*.pxd" -o -name "*.h" | xargs rm -f

# pg_dump, pg_restore and psql for backups; Debian 13 has those of PostgreSQL 17, the server in
# compose.yaml. The three alone, because the rest of their package wants Perl.
FROM python:3.13-slim-trixie AS programs
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client-17 \
    && mkdir /programs \
    && cd /usr/lib/postgresql/17/bin \
    && cp pg_dump pg_restore psql /programs/

FROM python:3.13-slim-trixie
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpq5 libreadline8t64 \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log
COPY --from=programs /programs /usr/local/bin
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
# Every part is imported once: the build stops where something needed was left out, and what
# Python compiles of its own library stays, so that neither a start nor a look at its health does.
RUN python -m compileall -q app.py served.py pages crm_core \
    && PYTHONDONTWRITEBYTECODE= python -c "import importlib, pkgutil, crm_core, streamlit.web.bootstrap; [importlib.import_module(part.name) for part in pkgutil.walk_packages(crm_core.__path__, 'crm_core.') if not part.name.endswith('__main__')]" \
    && pg_dump --version && pg_restore --version && psql --version \
    && mkdir -p /data /backups /inbox \
    && chown 10001:10001 /data /backups /inbox
VOLUME /data
USER 10001:10001
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=5)"]
ENTRYPOINT ["python", "-m", "crm_core"]
CMD ["serve", "--address", "0.0.0.0", "--port", "8501"]
