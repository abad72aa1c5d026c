FROM python:3.12 AS build
ENV PATH=/opt/venv/bin:$PATH
RUN python -m venv /opt/venv
FROM debian:12
COPY --from=build /opt/venv /opt/venv
