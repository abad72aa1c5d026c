FROM debian:12
RUN useradd -m -s /bin/bash ci
ENV PATH=/opt/tool/bin:$PATH
USER ci
RUN echo 'export PATH="/opt/tool/bin:${PATH}"' >> ~/.bash_profile
