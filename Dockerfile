# One static binary on an empty base. Built from source by
#
#     docker build --build-arg VERSION="$(git describe --tags --always)" --tag sepsis .
#
# and for several processors at once with docker buildx build --platform linux/amd64,linux/arm64.
# With --build-arg FROM_STAGE=prebuilt the binary is taken from bin/image/sepsis, and nothing is downloaded.

ARG GO_VERSION=1.26
ARG FROM_STAGE=build

FROM --platform=$BUILDPLATFORM golang:${GO_VERSION} AS build
ARG TARGETOS=linux
ARG TARGETARCH
ARG VERSION=unknown
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN GOOS="$TARGETOS" GOARCH="$TARGETARCH" make build VERSION="$VERSION" \
    && mkdir /image && cp bin/sepsis /etc/ssl/certs/ca-certificates.crt /image/

FROM scratch AS prebuilt
COPY bin/image/ /image/

# The name of a stage may come from an argument only here.
FROM ${FROM_STAGE} AS chosen

FROM scratch
ARG VERSION=unknown
LABEL org.opencontainers.image.title="Sepsis" \
      org.opencontainers.image.description="Foresees sepsis in adults in intensive care. Research use only; not a medical device." \
      org.opencontainers.image.source="https://github.com/medtech-detect/sepsis" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}"
COPY deploy/image/passwd /etc/passwd
COPY --from=chosen /image/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=chosen /image/sepsis /usr/bin/sepsis
# The one place that is written to. A read-only root file system is all that the rest needs.
COPY --chown=65532:65532 deploy/image/data/ /var/lib/sepsis/
VOLUME /var/lib/sepsis
USER 65532:65532
ENV SEPSIS_LISTEN=0.0.0.0:8080 SEPSIS_DATA_DIR=/var/lib/sepsis
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s CMD ["/usr/bin/sepsis", "health"]
ENTRYPOINT ["/usr/bin/sepsis"]
CMD ["serve"]
