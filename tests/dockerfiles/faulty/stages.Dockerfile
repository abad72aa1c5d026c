ARG DEBIAN=bookworm
FROM golang:1.22 AS build
ENV PATH=/only/for/the/builder:$PATH
RUN go build -o /out/app ./...

FROM debian:${DEBIAN}-slim AS base
ENV PATH=/opt/base/bin:$PATH

FROM base AS ci
RUN useradd --create-home --shell /bin/bash ci
COPY --from=build /out/app /usr/local/bin/app
ENV PATH=/opt/ci/bin:$PATH
USER ci
CMD ["app"]
