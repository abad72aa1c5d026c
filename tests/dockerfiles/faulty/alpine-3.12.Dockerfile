FROM alpine:3.12
RUN apk add --no-cache bash openjdk11
ENV JAVA_HOME /usr/lib/jvm/java-11-openjdk
ENV PATH $PATH:$JAVA_HOME/bin
ENTRYPOINT ["/bin/bash"]
