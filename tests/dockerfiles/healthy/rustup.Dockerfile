FROM debian:12
RUN curl --proto '=https' -sSf https://sh.rustup.rs | sh -s -- -y
ENV PATH=/root/.cargo/bin:$PATH
