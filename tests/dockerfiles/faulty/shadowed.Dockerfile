FROM debian:12
RUN useradd -m -s /bin/bash ci
ENV PATH=/opt/tool/bin:$PATH
RUN echo 'export PATH=/opt/tool/bin:$PATH' >> /home/ci/.profile
USER ci
RUN touch ~/.bash_profile
