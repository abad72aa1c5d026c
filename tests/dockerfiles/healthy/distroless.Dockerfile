FROM golang:1.22 AS build
ENV PATH=/opt/tool/bin:$PATH
RUN go build -o /app .
FROM gcr.io/distroless/static-debian12
COPY --from=build /app /app
ENV PATH=/app:$PATH
