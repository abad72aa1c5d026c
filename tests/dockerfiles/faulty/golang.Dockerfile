# The base image's own ENV is what is lost here.
FROM golang:1.22 AS ci
RUN go install gotest.tools/gotestsum@latest
WORKDIR /src
