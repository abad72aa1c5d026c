FROM debian:12
RUN apt-get update && apt-get install -y curl \
    # for the tool below
    xz-utils
ENV LANG=C.UTF-8 \
    # where the tool is unpacked
    TOOL_HOME=/opt/tool
ENV PATH=${TOOL_HOME}/bin:$PATH
WORKDIR /work
CMD ["bash"]
