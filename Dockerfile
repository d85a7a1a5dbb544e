# syntax=docker/dockerfile:1

FROM golang:1.26-alpine AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /vetalyze ./cmd/vetalyze

# The binary, which carries its time zones, and the certificates to know Telegram by. There is no PostgreSQL
# inside: DATABASE_URL and REDIS_URL name the servers to use.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /vetalyze /vetalyze
USER 65532:65532
ENV LISTEN=0.0.0.0:8080
EXPOSE 8080
# It finishes what is in hand within ten seconds: give it more (docker stop --timeout 15).
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/vetalyze", "health"]
ENTRYPOINT ["/vetalyze"]
CMD ["serve"]
