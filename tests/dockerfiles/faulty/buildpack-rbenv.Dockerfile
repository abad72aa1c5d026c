FROM public.ecr.aws/docker/library/buildpack-deps:bookworm
RUN git clone https://example.com/rbenv.git /opt/rbenv
ENV RBENV_ROOT=/opt/rbenv
ENV PATH=/opt/rbenv/shims:/opt/rbenv/bin:$PATH
RUN <<SCRIPT
set -e
rbenv install 3.3.0
cat > /etc/motd <<MOTD
ENV PATH=/not/this
MOTD
SCRIPT
