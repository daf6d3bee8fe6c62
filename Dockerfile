# The service and the command line: ./mvnw -Prelease -DskipTests package && docker build --tag unfreed .
# BASE is any image with a JDK or JRE 25 and glibc; unfreed/base:local of containers/local-images where nothing can be pulled.
ARG BASE=eclipse-temurin:25-jre
FROM ${BASE}

# For recording by probes; the service needs neither, and a base without apt-get brings its own.
RUN if command -v apt-get >/dev/null; then \
      apt-get -qq update && apt-get -qq install --no-install-recommends libbpf1 libdw1 && rm -rf /var/lib/apt/lists/*; \
    fi

COPY release/target/unfreed /usr/local/bin/unfreed

# A volume mounted at /var/lib/unfreed belongs to this user, who needs no name. The start-up cache is made here, once.
RUN mkdir -p /var/lib/unfreed /var/cache/unfreed && chown 10001:10001 /var/lib/unfreed /var/cache/unfreed && chmod 700 /var/cache/unfreed
ENV XDG_CACHE_HOME=/var/cache UNFREED_JAVA_OPTS=-XX:MaxRAMPercentage=70
USER 10001:10001
RUN ["unfreed", "--version"]

WORKDIR /var/lib/unfreed
VOLUME /var/lib/unfreed
ENTRYPOINT ["unfreed"]
CMD ["--help"]
