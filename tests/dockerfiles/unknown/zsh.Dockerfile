FROM debian:12
RUN apt-get update && apt-get install -y zsh && useradd -m -s /bin/zsh ci
ENV PATH=/opt/tool/bin:$PATH
USER ci
