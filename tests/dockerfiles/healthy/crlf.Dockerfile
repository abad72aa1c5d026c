FROM debian:12
ENV PATH=/opt/tool/bin:$PATH
RUN echo 'PATH=/opt/tool/bin:$PATH' \
    >> ~/.profile
