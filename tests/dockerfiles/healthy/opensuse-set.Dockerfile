FROM opensuse/tumbleweed
RUN useradd -m ci
ENV PATH=/opt/tool/bin:$PATH
USER ci
RUN echo 'export PATH=/opt/tool/bin:$PATH' >> ~/.profile
