FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
RUN sed -i '/^  PATH=/d' /etc/profile
