# The worker as an image: built with Maven, run on a JRE as a user without rights. Debian-based on both sides, because DuckDB's library needs glibc.
FROM maven:3.9.11-eclipse-temurin-17 AS build
WORKDIR /src
COPY pom.xml ./
COPY .mvn .mvn
COPY definitions definitions
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY examples/custom-auth examples/custom-auth
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp -q -Dquick package

FROM eclipse-temurin:17.0.15_6-jre-jammy
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin millrace
COPY --from=build /src/worker/target/lib /opt/millrace/worker/target/lib
COPY millrace /opt/millrace/millrace
RUN ln -s /opt/millrace/millrace /usr/local/bin/millrace
USER millrace
WORKDIR /project
ENV MILLRACE_PREBUILT=1
ENTRYPOINT ["millrace"]
CMD ["--help"]
