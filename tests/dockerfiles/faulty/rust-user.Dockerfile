FROM rust:1.80
RUN groupadd -g 2000 ci && useradd -m -u 2000 -g ci -s /bin/bash ci
USER ci
RUN cargo --version
